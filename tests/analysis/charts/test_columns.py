# ruff: noqa: S314 (what is parsed is our own drawing)
from xml.etree import ElementTree as ET

import pytest

from analysis.charts.columns import Column, column_chart

KINDS = ["Page views", "Purchases"]
HOURS = [
    Column("", "14 Feb, 10:00", [30, 10]),
    Column("", "14 Feb, 11:00", [0, 0]),
    Column("12:00", "14 Feb, 12:00", [5, 0]),
]


def all_of(drawing: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(drawing).iter(tag))


def test_columns_stand_on_each_other_and_share_one_scale() -> None:
    views, purchases = [
        each.get("d") or ""
        for each in all_of(column_chart(HOURS, kinds=KINDS, title="t"), "path")
        if "column " in (each.get("class") or "")
    ]
    assert views.count("M") == 2
    assert purchases.count("M") == 1
    bottom_of_purchases, top_of_views = (
        purchases.split("v")[1].split("h")[0],
        views.split("v")[1].split("h")[0],
    )
    assert float(top_of_views) == pytest.approx(3 * float(bottom_of_purchases), abs=0.2)


def test_a_column_says_what_it_is() -> None:
    titles = [each.text for each in all_of(column_chart(HOURS, kinds=KINDS, title="Events"), "title")]
    assert titles == [
        "Events",
        "14 Feb, 10:00: Page views 30, Purchases 10",
        "14 Feb, 11:00: nothing",
        "14 Feb, 12:00: Page views 5",
    ]


def test_the_most_is_told_in_words_and_all_stands_in_a_table() -> None:
    drawing = column_chart(HOURS, kinds=KINDS, title="Events")
    (desc,) = all_of(drawing, "desc")
    assert desc.text == (
        "14 Feb, 10:00 to 14 Feb, 12:00; the most at 14 Feb, 10:00: Page views 30, Purchases 10."
    )
    assert [each.text for each in all_of(drawing, "td")] == ["5", "0", "0", "0", "30", "10"]


def test_one_event_among_thousands_is_seen() -> None:
    drawing = column_chart([Column("", "a", [100_000]), Column("", "b", [1])], kinds=["x"], title="t")
    (path,) = [
        each.get("d") or "" for each in all_of(drawing, "path") if "column " in (each.get("class") or "")
    ]
    assert path.split("M")[2].split("v")[1].split("h")[0] == "1.5"


def test_the_legend_has_the_kinds_that_there_are() -> None:
    drawing = column_chart([Column("", "a", [0, 3])], kinds=KINDS, title="t")
    assert [each.text for each in all_of(drawing, "span")] == ["Purchases"]


def test_no_columns_are_no_chart() -> None:
    assert column_chart([], kinds=KINDS, title="t") == ""


def test_columns_escape_what_they_name() -> None:
    assert "<script>" not in column_chart(
        [Column("<script>", "<script>", [1])], kinds=["<script>"], title="t"
    )
