# ruff: noqa: S314 (what is parsed is our own drawing)
from xml.etree import ElementTree as ET

from analysis.charts.share_rows import Part, ShareRow, share_rows

PARTS = [Part("VIP", 3), Part("Dormant", 7)]
ROWS = [ShareRow("Customers", [5, 95], ["5", "95"]), ShareRow("Revenue", [60.0, 40.0], ["$60", "$40"])]


def all_of(drawing: str, tag: str) -> list[ET.Element]:
    return list(ET.fromstring(drawing).iter(tag))


def test_each_row_is_divided_by_its_own_sum() -> None:
    pieces = [
        (each.get("x"), each.get("width"))
        for each in all_of(share_rows(ROWS, parts=PARTS, title="t"), "rect")
    ]
    assert pieces[2:] == [  # after the legend
        ("0.00%", "5.00%"),
        ("5.00%", "95.00%"),
        ("0.00%", "60.00%"),
        ("60.00%", "40.00%"),
    ]


def test_a_part_too_narrow_for_its_words_has_them_as_a_title_alone() -> None:
    drawing = share_rows(ROWS, parts=PARTS, title="t")
    assert [each.text for each in all_of(drawing, "text")] == ["95 %", "60 %", "40 %"]
    assert next(each.text for each in all_of(drawing, "title")) == "VIP: 5 (5 %)"


def test_each_bar_is_told_in_words() -> None:
    drawing = share_rows(ROWS, parts=PARTS, title="t")
    told = [each.get("aria-label") for each in all_of(drawing, "svg") if each.get("role") == "img"]
    assert told == ["Customers: VIP 5, Dormant 95.", "Revenue: VIP $60, Dormant $40."]


def test_a_row_of_nothing_is_left_out_and_no_rows_are_no_chart() -> None:
    nothing = ShareRow("Next year", [0, 0], ["$0", "$0"])
    assert "Next year" not in share_rows([*ROWS, nothing], parts=PARTS, title="t")
    assert share_rows([nothing], parts=PARTS, title="t") == ""
