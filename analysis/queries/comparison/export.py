"""A comparison as a table: a row a run or group, a column for each row that the page shows."""

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from analysis.exports.columns import Column, Table

from .config_tree import leaves_of
from .metrics import MetricCell
from .page import Comparison
from .values import Row, whole

Series = tuple[Column, list[Any]]
MOST_EXACT = 2**53  # beyond it, a float holds another number


def comparison_table(found: Comparison) -> Table:
    """What the page shows, with the same rows hidden and the same figure of each metric.

    Columns are named ``metrics.<key>``, ``params.<key>``, ``tags.<key>``, ``environment.<key>``,
    ``code.<key>``, ``datasets.<key>`` and ``config.<path>``.
    """
    series = [*_runs(found), *_metrics(found), *_values(found)]
    rows = zip(*(values for _, values in series), strict=True)
    return Table([column for column, _ in series], rows)


def _runs(found: Comparison) -> Iterator[Series]:
    if found.group:
        yield Column("group"), [column.label for column in found.columns]
        yield Column("runs", "number"), [len(column.runs) for column in found.columns]
        yield Column("run_ids"), [" ".join(run.run_id for run in column.runs) for column in found.columns]
        return
    runs = [column.run for column in found.columns]
    yield Column("run_id"), [run.run_id for run in runs]
    yield Column("name"), [run.name for run in runs]
    yield Column("status"), [run.status for run in runs]
    yield Column("started_at", "time"), [run.started_at for run in runs]
    yield Column("duration_seconds", "number"), [run.duration_seconds for run in runs]


def _metrics(found: Comparison) -> Iterator[Series]:
    for row in found.metrics.shown:
        name = f"metrics.{row.key}"
        yield Column(name, "number"), [cell.value for cell in row.cells]
        if found.group:
            yield Column(f"{name}.min", "number"), [_end(cell.low, cell) for cell in row.cells]
            yield Column(f"{name}.max", "number"), [_end(cell.high, cell) for cell in row.cells]
        else:
            yield Column(f"{name}.step", "number"), [cell.step for cell in row.cells]


def _end(end: float | None, cell: MetricCell) -> float | None:
    """One end of a group's figures; a group of one run has just the figure."""
    return cell.value if end is None else end


def _values(found: Comparison) -> Iterator[Series]:
    for section in found.sections:
        for row in section.rows.shown:
            yield _series(f"{section.name}.{row.key}", row)
    for path, row in leaves_of(found.config.top):
        yield _series(f"config.{path}", row)


def _series(name: str, row: Row) -> Series:
    values = [cell.value if cell.value is not None else cell.text or None for cell in row.cells]
    numbers = [value if value is None else _number(value) for value in values]
    if numbers.count(None) == values.count(None):
        return Column(name, "number"), numbers
    return Column(name), [value if value is None else whole(value) for value in values]


def _number(value: Any) -> float | None:
    """A number that a file gives back as it was: ``007`` and ids of 19 digits are text, and ``2024_10``."""
    if isinstance(value, str):
        return _number_of(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if isinstance(value, float) or abs(value) <= MOST_EXACT else None


def _number_of(text: str) -> float | None:
    with suppress(ValueError):
        if str(number := int(text)) == text:
            return number if abs(number) <= MOST_EXACT else None
    with suppress(ValueError):
        if repr(decimal := float(text)) == text and math.isfinite(decimal):
            return decimal
    return None
