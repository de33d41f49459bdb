"""The metrics table: one figure of each metric in each column, measured against the base."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .columns import ComparedColumn
from .directions import direction_of
from .logged import Logged, Metrics, side_of

SAME = 1e-12
"""Below this share of the base, a difference is none."""


@dataclass(frozen=True, slots=True)
class MetricCell:
    """One figure of a metric; in a group the mean.

    Attributes:
        value: None where no run of the column has the metric; NaN and infinities as they were logged.
        step: Of the figure; None where it is not known, and in groups.
        last: The last value, where another one is shown.
        low: The least figure of a group.
        high: The greatest.
        count: How many runs of the column have the metric.
        absent: How many do not.
        is_best: The best of the row; False in all of them where all are the same.
        extreme: ``lowest`` or ``highest`` of the row.
        delta: Difference to the base, None in the base itself and where there is none to take.
        share: The same as a share of the base: 0.1 is ten per cent.
        verdict: ``better``, ``worse``, ``same``, or ``other`` where no direction is known.
    """

    value: float | None
    step: int | None = None
    last: float | None = None
    low: float | None = None
    high: float | None = None
    count: int = 0
    absent: int = 0
    is_best: bool = False
    extreme: str = ""
    delta: float | None = None
    share: float | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric; ``direction`` is ``higher`` or ``lower``, empty where nobody knows.

    Attributes:
        differs: Unless every run has the metric, with the same figure and the same last value.
    """

    key: str
    direction: str
    cells: list[MetricCell]
    differs: bool
    has_curve: bool


@dataclass(frozen=True, slots=True)
class MetricRows:
    """The rows shown; ``hidden`` are the same in every run, ``cut`` were too many to be read."""

    shown: list[MetricRow]
    hidden: int = 0
    cut: int = 0


def metric_rows(
    metrics: Metrics,
    columns: Sequence[ComparedColumn],
    steps: Mapping[int, int],
    *,
    show: str,
    only_differences: bool,
    cut: int = 0,
) -> MetricRows:
    """The rows of the metrics table, by key.

    Args:
        steps: Metric → the step of the figure.
        show: ``best``, ``last``, ``min`` or ``max``.
        cut: How many metrics are not among these.
    """
    rows = [_row(key, metrics[key], columns, steps, show) for key in sorted(metrics)]
    shown = [row for row in rows if row.differs or not only_differences]
    return MetricRows(shown, len(rows) - len(shown), cut)


def _row(
    key: str,
    of_runs: Mapping[int, Logged],
    columns: Sequence[ComparedColumn],
    steps: Mapping[int, int],
    show: str,
) -> MetricRow:
    direction, side = direction_of(key), side_of(key, show)
    cells = [_cell(of_runs, column, steps, side) for column in columns]
    base = next((cell for cell, column in zip(cells, columns, strict=True) if column.is_base), None)
    figures = {(_comparable(each.figure(side)), _comparable(each.last)) for each in of_runs.values()}
    absent = sum(cell.absent for cell in cells)
    return MetricRow(
        key=key,
        direction=direction,
        cells=[
            cell if column.is_base else _measured(cell, base, direction)
            for cell, column in zip(_ranked(cells, direction), columns, strict=True)
        ],
        differs=absent > 0 or len(figures) > 1,
        has_curve=any(logged.has_curve for logged in of_runs.values()),
    )


def _cell(
    of_runs: Mapping[int, Logged], column: ComparedColumn, steps: Mapping[int, int], side: str
) -> MetricCell:
    there = [of_runs[run.pk] for run in column.runs if run.pk in of_runs]
    absent = len(column.runs) - len(there)
    if not there:
        return MetricCell(None, absent=absent)
    figures = [logged.figure(side) for logged in there]
    if len(column.runs) > 1:
        finite = [figure for figure in figures if math.isfinite(figure)] or figures
        mean = math.fsum(finite) / len(finite) if math.isfinite(finite[0]) else finite[0]
        return MetricCell(mean, low=min(finite), high=max(finite), count=len(there), absent=absent)
    last = there[0].last
    return MetricCell(
        figures[0],
        step=steps.get(there[0].metric),
        last=last if _comparable(last) != _comparable(figures[0]) else None,
        count=1,
    )


def _ranked(cells: list[MetricCell], direction: str) -> list[MetricCell]:
    """With the row's extremes marked, where there are at least two different figures."""
    finite = [cell.value for cell in cells if cell.value is not None and math.isfinite(cell.value)]
    if not finite or min(finite) == max(finite):
        return cells
    ends = {min(finite): "lowest", max(finite): "highest"}
    best = {"higher": "highest", "lower": "lowest"}.get(direction, "none")
    marked = ((cell, "" if cell.value is None else ends.get(cell.value, "")) for cell in cells)
    return [
        replace(cell, extreme=extreme, is_best=extreme == best) if extreme else cell
        for cell, extreme in marked
    ]


def _measured(cell: MetricCell, base: MetricCell | None, direction: str) -> MetricCell:
    """With its difference to the base."""
    if base is None or cell.value is None or base.value is None:
        return cell
    delta = cell.value - base.value
    if not math.isfinite(delta):
        return cell
    share = delta / abs(base.value) if base.value else None
    if abs(delta) <= SAME * abs(base.value):
        return replace(cell, delta=0.0, share=0.0, verdict="same")
    verdict = {"higher": ("worse", "better"), "lower": ("better", "worse")}.get(direction, ("other", "other"))
    return replace(cell, delta=delta, share=share, verdict=verdict[delta > 0])


def _comparable(value: float) -> float | str:
    return "NaN" if math.isnan(value) else value
