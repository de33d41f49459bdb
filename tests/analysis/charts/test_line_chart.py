# ruff: noqa: S314 (what is parsed is our own drawing)
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from analysis.charts.line_chart import line_chart
from analysis.charts.series import Series

NAN = float("nan")


def parts(chart: str, tag: str) -> list[ET.Element]:
    return [element for element in ET.fromstring(chart).iter() if element.tag == tag]


def lines(chart: str) -> list[str]:
    """The drawn curves; those of the legend are drawn as ``M1 5h26``."""
    return [path.get("d", "") for path in parts(chart, "path") if path.get("vector-effect")]


def words(chart: str, css_class: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(chart).iter() if e.get("class") == css_class]


def test_a_chart_names_itself_and_describes_its_lines() -> None:
    chart = line_chart([Series("mlp", [0, 1, 2], [0.9, 0.3, 0.5])], title="val_loss")
    assert [title.text for title in parts(chart, "title")] == ["val_loss"]
    assert [desc.text for desc in parts(chart, "desc")] == [
        "mlp: step 0 to 2, from 0.9 to 0.5, lowest 0.3, highest 0.9."
    ]


def test_a_chart_has_no_style_attribute_and_no_script() -> None:
    chart = line_chart([Series("a", [0, 1], [1, 2])], title="t")
    assert not any(element.get("style") for element in ET.fromstring(chart).iter())
    assert parts(chart, "script") == parts(chart, "style") == []


def test_labels_are_escaped() -> None:
    series = [Series("<b>&\"'", [0, 1], [1, 2]), Series("two", [0, 1], [1, 2])]
    chart = line_chart(series, title="</title><script>", x_label="<i>")
    assert "<script>" not in chart
    assert "<b>" not in chart
    assert "<i>" not in chart
    assert [li.findtext("span") for li in parts(chart, "li")] == [
        "<b>&\"'",
        "two",
    ]


def test_each_line_has_its_own_colour_and_dash() -> None:
    series = [Series(str(n), [0, 1], [n, n + 1]) for n in range(9)] + [
        Series("fixed", [0, 1], [0, 1], look=5)
    ]
    looks = [p.get("class") for p in parts(line_chart(series, title="t"), "path") if p.get("vector-effect")]
    assert looks == [f"series c{n % 8} d{n % 8}" for n in range(9)] + ["series c5 d5"]


def test_one_line_needs_no_legend() -> None:
    assert parts(line_chart([Series("a", [0, 1], [1, 2])], title="t"), "li") == []


def test_a_nan_lifts_the_pen_and_is_told() -> None:
    chart = line_chart([Series("a", [0, 1, 2, 3], [1, NAN, 1, 2])], title="t")
    assert lines(chart)[0].count("m") == 2
    assert words(chart, "chart-note") == ["a: 1 NaN or infinite; the line breaks there."]


def test_a_point_between_two_gaps_is_a_dot() -> None:
    (line,) = lines(line_chart([Series("a", [0, 1, 2, 3, 4], [1, NAN, 2, NAN, 1])], title="t"))
    assert line.count("h0") == line.count("m") == 3


def test_a_log_axis_shows_decades_and_tells_what_it_cannot_show() -> None:
    chart = line_chart([Series("a", range(5), [0, 1, 10, 100, np.inf])], title="t", y_log=True)
    assert words(chart, "chart-y") == ["110100"]
    assert words(chart, "chart-note") == [
        "a: 1 NaN or infinite; the line breaks there.",
        "a: 1 at or below 0, which a log axis cannot show.",
    ]


def test_equal_steps_of_log_height_are_equal_in_pixels() -> None:
    chart = line_chart([Series("a", [0, 1, 2], [1, 10, 100])], title="t", y_log=True)
    moves = re.findall(r"-?\d+", lines(chart)[0].split("l")[1])
    assert moves[1] == moves[3]


def test_seconds_are_labelled_as_times() -> None:
    chart = line_chart([Series("a", [0, 300], [1, 2])], title="t", x_kind="time", x_label="time")
    assert words(chart, "chart-x") == ["0 s1 min2 min3 min4 min5 min"]


@pytest.mark.parametrize(
    "values", [[2.0, 2.0], [0.0, 0.0], [1e308, -1e308], [5e-324, 1e308], [1e-300, 1e-300]]
)
def test_flat_and_extreme_curves_stay_inside_the_drawing(values: list[float]) -> None:
    for y_log in (False, min(values) > 0):
        chart = line_chart([Series("a", [0, 1], values)], title="t", y_log=y_log)
        x, y = (int(n) for n in lines(chart)[0][1:].split("h0")[0].split(" "))
        assert 0 <= x <= 5600
        assert 0 <= y <= 2500


def test_a_single_point_is_drawn() -> None:
    (line,) = lines(line_chart([Series("a", [7], [3])], title="t"))
    assert line.endswith("h0")


@pytest.mark.parametrize("series", [[], [Series("a", [], [])], [Series("a", [0], [NAN])]])
def test_nothing_to_draw_is_said(series: list[Series]) -> None:
    chart = line_chart(series, title="t")
    assert words(chart, "muted") == ["No finite value to draw."]
    assert parts(chart, "svg") == []


def test_eight_long_curves_stay_small() -> None:
    walk = np.random.default_rng(0).normal(size=(8, 10_000)).cumsum(axis=1)
    chart = line_chart([Series(str(n), range(10_000), y) for n, y in enumerate(walk)], title="t")
    assert len(chart) < 60_000
