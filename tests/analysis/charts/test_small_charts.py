# ruff: noqa: S314 (what is parsed is our own drawing)
from xml.etree import ElementTree as ET

import pytest

from analysis.charts.bars import bars
from analysis.charts.matrix import Matrix, matrix_table
from analysis.charts.signed_bars import signed_bars
from analysis.charts.sparkline import sparkline
from analysis.stats.numbers import human_bytes


def texts(drawing: str, tag: str) -> list[str | None]:
    return [element.text for element in ET.fromstring(drawing).iter() if element.tag == tag]


def test_a_sparkline_says_where_it_starts_and_ends() -> None:
    assert texts(sparkline([0.5, 0.25, 0.75], label="loss"), "title") == ["loss from 0.5 to 0.75"]


def test_a_sparkline_breaks_at_a_nan() -> None:
    assert sparkline([1, float("nan"), 2, 3]).count("m") >= 2


@pytest.mark.parametrize("values", [[], [1], [float("nan"), 1]])
def test_a_sparkline_of_fewer_than_two_values_is_empty(values: list[float]) -> None:
    assert sparkline(values) == ""


def test_bars_are_as_long_as_their_share_of_the_longest() -> None:
    drawing = bars([("a", 10), ("b", 5), ("none", 0)], title="Runs")
    lines = [path.get("d") for path in ET.fromstring(drawing).iter("path")]
    assert lines == ["M0 0H100.00V1H0Z", "M0 0H50.00V1H0Z", "M0 0H0.00V1H0Z"]
    assert texts(drawing, "span") == ["a", "10", "b", "5", "none", "0"]


def test_bars_write_sizes_as_they_are_told() -> None:
    assert texts(bars([("runs", 2_000)], title="Sizes", show=human_bytes), "span") == ["runs", "2 kB"]


def test_bars_escape_their_names() -> None:
    assert "<script>" not in bars([("<script>", 1)], title="<script>")


def test_no_bars_are_an_empty_list() -> None:
    assert texts(bars([], title="t"), "li") == []


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf")])
def test_bars_refuse_what_has_no_length(value: float) -> None:
    with pytest.raises(ValueError, match="Bars start at zero"):
        bars([("a", value)], title="t")


def test_a_matrix_shades_by_the_share_of_the_true_class() -> None:
    table = matrix_table(Matrix(["cat", "dog"], [[6, 0], [1, 3]]), caption="Pets.")
    cells = [(e.get("class"), e.text) for e in ET.fromstring(table).iter("td")]
    assert cells == [(None, None), ("h6 right", "6"), ("h0", "0"), ("h2", "1"), ("h5 right", "3")]


def test_a_matrix_of_an_unseen_class_has_no_shade() -> None:
    table = matrix_table(Matrix(["a"], [[0]]), caption="")
    assert 'class="h0 right"' in table


def test_a_matrix_escapes_its_labels() -> None:
    assert "<b>" not in matrix_table(Matrix(["<b>"], [[1]]), caption="<b>")


@pytest.mark.parametrize("counts", [[[1]], [[1, 2], [3]]])
def test_a_matrix_of_another_shape_is_refused(counts: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="needs 2 rows of 2"):
        Matrix(["a", "b"], counts)


@pytest.mark.parametrize("count", [-1, float("nan")])
def test_a_matrix_with_a_cell_that_is_no_count_is_refused(count: float) -> None:
    with pytest.raises(ValueError, match="no cell"):
        Matrix(["a"], [[count]])


def test_signed_bars_go_both_ways_from_zero() -> None:
    drawn = signed_bars([("recency", 0.5), ("<frequency>", -1.0)], title="Did")
    assert 'class="raises"' in drawn
    assert 'd="M0 0H50.00V1H0Z"' in drawn
    assert 'd="M0 0H-100.00V1H0Z"' in drawn
    assert "&lt;frequency&gt;" in drawn
    assert "+0.5" in drawn
    assert signed_bars([], title="Did") == '<ul class="bars bars-signed" aria-label="Did"></ul>'
    with pytest.raises(ValueError, match="finite"):
        signed_bars([("a", float("nan"))], title="Did")
