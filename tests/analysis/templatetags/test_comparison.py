import math

import pytest

from analysis.queries.comparison.metrics import MetricCell, MetricRow
from analysis.queries.comparison.values import Cell, Row
from analysis.templatetags.comparison import metric_cells, value_cells


def metric(*cells: MetricCell) -> str:
    return metric_cells(MetricRow("loss", "lower", list(cells), differs=True, has_curve=False))


def test_a_value_that_all_have_stands_once_across_all_columns() -> None:
    row = Row("k", [Cell("<7>"), Cell("<7>")], differs=False)
    assert value_cells(row) == '<td class="mono alike" colspan="2">&lt;7&gt;</td>'
    assert value_cells(Row("k", [Cell("7")], differs=False)) == '<td class="mono">7</td>'


def test_what_differs_from_the_base_is_marked_and_what_is_missing_is_said() -> None:
    cells = [Cell("1"), Cell("2", differs=True), Cell("", is_missing=True, differs=True)]
    assert value_cells(Row("k", cells, differs=True)) == (
        '<td class="mono">1</td><td class="mono"><mark>2</mark></td>'
        '<td class="missing"><mark>not there</mark></td>'
    )


@pytest.mark.parametrize(("columns", "longest"), [(2, 300), (4, 120)])
def test_long_values_are_cut_more_where_columns_are_many(columns: int, longest: int) -> None:
    html = value_cells(Row("k", [Cell("a" * 400)] * columns, differs=True))
    assert html.count("a" * longest + "…") == columns


def test_the_best_is_told_in_words() -> None:
    best = MetricCell(0.5, step=1_200, is_best=True, extreme="lowest")
    assert metric(best) == (
        '<td class="num"><strong>0.5</strong> <span class="star">★ best</span>'
        '<span class="cell-sub">step 1,200</span></td>'
    )


def test_a_difference_has_its_sign_its_share_and_a_word() -> None:
    html = metric(MetricCell(0.75, delta=0.25, share=0.5, verdict="worse"))
    assert '<span class="cell-sub delta-worse">+0.25 <small>+50 %</small>' in html
    assert '<span class="visually-hidden">worse</span>' in html


def test_a_difference_without_direction_or_share_is_bare() -> None:
    assert '<span class="cell-sub delta-other">+0.25</span>' in metric(
        MetricCell(0.25, delta=0.25, verdict="other")
    )
    assert '<span class="cell-sub">same</span>' in metric(MetricCell(0.25, delta=0.0, verdict="same"))


def test_a_group_shows_its_spread_and_how_many_of_it_have_the_metric() -> None:
    assert "0.4 to 0.6 · 3 of 5 runs" in metric(MetricCell(0.5, low=0.4, high=0.6, count=3, absent=2))
    assert "runs" not in metric(MetricCell(0.5, low=0.5, high=0.5, count=3))


def test_a_last_value_that_reads_as_the_best_is_not_repeated() -> None:
    assert "last" not in metric(MetricCell(0.123451, last=0.123452))


def test_extremes_are_told_from_three_columns_on() -> None:
    high = MetricCell(0.9, extreme="highest")
    assert "highest" not in metric(high, MetricCell(0.1))
    assert "highest" in metric(high, MetricCell(0.5), MetricCell(0.1))


def test_what_is_missing_or_no_number_is_named() -> None:
    assert metric(MetricCell(None)) == '<td class="num missing">not logged</td>'
    assert "NaN" in metric(MetricCell(math.nan, last=0.5))
    assert "last 0.5" in metric(MetricCell(math.nan, last=0.5))
