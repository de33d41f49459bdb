import math

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.charts.chart_data import points_in
from analysis.charts.line_chart import line_chart
from analysis.charts.path import area_data, path_data
from analysis.charts.series import Area, Series
from analysis.stats.numbers import MISSING


def test_a_lively_chart_has_its_points_and_its_range_beside_the_picture() -> None:
    chart = line_chart(
        [Series("a", [0, 5, 9], [1, math.nan, 0.123456789], mark="x")], title="t", is_lively=True
    )
    assert points_in(chart) == {
        "x": {"kind": "step", "label": "step", "range": [0, 9]},
        "y": {"log": False, "range": pytest.approx([0.0796, 1.0438], abs=1e-3)},
        "size": [560, 250],
        "lines": [
            {"mark": "x", "label": "a", "look": 0, "faint": False, "x": [0, 5, 9], "y": [1, None, 0.12346]}
        ],
        "areas": [],
    }


def test_the_data_cannot_end_its_element() -> None:
    chart = line_chart([Series("</script><b>&", [0], [1])], title="t", is_lively=True)
    assert chart.count("</script>") == 1
    assert points_in(chart)["lines"][0]["label"] == "</script><b>&"


def test_a_chart_that_is_not_lively_has_neither_points_nor_table() -> None:
    assert points_in(line_chart([Series("a", [0], [1])], title="t")) == {}


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.0, 0.0),
        (-2 / 3, -0.66667),
        (1e300 / 3, 3.3333e299),
        (1e-290 / 3, 3.3333e-291),
        (12_345_678, 12_345_678),
        (123_456.789, 123_457),
    ],
)
def test_values_keep_five_digits_and_their_whole_part_whatever_their_size(value: float, kept: float) -> None:
    chart = line_chart([Series("a", [0, 1], [value, 1])], title="t", is_lively=True)
    assert points_in(chart)["lines"][0]["y"] == [pytest.approx(kept, rel=1e-12, abs=0), 1]


@pytest.mark.parametrize("y_log", [False, True])
@pytest.mark.parametrize("values", [np.linspace(0.69314, 0.69315, 50), np.arange(1_000_001, 1_000_006) / 2])
def test_points_are_where_the_picture_has_them_however_narrow_the_axis(
    values: NDArray[np.float64],
    y_log: bool,  # noqa: FBT001
) -> None:
    chart = line_chart([Series("a", range(values.size), values)], title="t", y_log=y_log, is_lively=True)
    points = points_in(chart)
    low, high = points["y"]["range"]
    assert np.allclose(points["lines"][0]["y"], values, rtol=0, atol=(high - low) / 20_000)


def test_a_line_that_falls_far_still_tells_the_small_moves_at_its_end() -> None:
    chart = line_chart([Series("a", range(4), [1_000, 0.5, 0.500002, 0.500004])], title="t", is_lively=True)
    assert points_in(chart)["lines"][0]["y"] == [1_000, 0.5, 0.500002, 0.500004]


def test_a_narrow_axis_is_marked_and_read_with_the_digits_that_it_needs() -> None:
    chart = line_chart([Series("a", [0, 1], [1_000_001, 1_000_001.25])], title="t", is_lively=True)
    assert ">1,000,001.1</text>" in chart
    assert "from 1,000,001 to 1,000,001.25," in chart
    assert '<td class="num">1,000,001.25</td>' in chart


@pytest.mark.parametrize("steps", [[-(2.0**63), 0, 2.0**63], [5, 2.0**61, 2.0**62]])
def test_steps_may_be_any_64_bit_number(steps: list[float]) -> None:
    chart = line_chart([Series("a", steps, [1, 2, 3])], title="t", is_lively=True)
    assert points_in(chart)["lines"][0]["x"] == steps


@pytest.mark.parametrize("values", [[1, 1e308], [1.5e308, 1.7e308], [5e-324, 1e-323]])
def test_the_largest_and_the_smallest_floats_have_a_log_axis(values: list[float]) -> None:
    chart = line_chart([Series("a", [0, 1], values)], title="t", y_log=True, is_lively=True)
    assert points_in(chart)["lines"][0]["y"] == pytest.approx(values, rel=1e-12, abs=0)


def test_an_area_lies_behind_the_lines_and_in_the_data() -> None:
    steps = np.array([0.0, 1.0])
    area = Area(steps, np.array([0.0, 1.0]), np.array([2.0, 3.0]), look=2, mark="g")
    chart = line_chart([Series("g", steps, [1, 2], 2)], title="t", areas=[area], is_lively=True)
    assert chart.index('class="area c2 d2"') < chart.index('class="series c2 d2"')
    assert points_in(chart)["areas"] == [{"mark": "g", "look": 2, "x": [0, 1], "low": [0, 1], "high": [2, 3]}]


def test_the_table_has_a_dozen_rows_at_most_and_says_where_a_line_is_not() -> None:
    chart = line_chart(
        [Series("long", range(1_000), range(1_000)), Series("short", [400, 500], [7, math.nan])],
        title="t",
        is_lively=True,
    )
    rows = chart[chart.index("<tbody>") :].split("<tr>")[1:]
    assert len(rows) == 12
    assert '<th scope="row">0</th><td class="num">0</td><td class="num">' + MISSING in rows[0]


def test_the_table_names_times() -> None:
    series = [Series("a", [1_700_000_000.0, 1_700_000_060.0], [1, 2])]
    chart = line_chart(series, title="t", x_kind="clock", x_label="clock", is_lively=True)
    assert '<th scope="row">2023-11-14 22:13:20</th>' in chart


def test_an_area_is_a_closed_line_and_nothing_is_no_line() -> None:
    ends = np.array([0.0, 1.0])
    assert area_data(ends, ends + 1, ends + 2) == "m0 20h0l10 10 0-10-10-10z"
    assert path_data(ends, np.array([math.nan, math.nan])) == ""
