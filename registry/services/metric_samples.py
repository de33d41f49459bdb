"""Metric values to log, and what a batch of them comes to for each key."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class MetricSample(NamedTuple):
    """One value to log."""

    key: str
    value: float
    step: int
    timestamp_ms: int


class MetricSummary(NamedTuple):
    """The latest point of a key in a batch, and its least and greatest value that is a number."""

    key: str
    value: float
    step: int
    timestamp_ms: int
    least: float | None
    greatest: float | None


def metric_summaries(points: Sequence[MetricSample]) -> list[MetricSummary]:
    """One summary a key, in the order of the keys."""
    by_key: dict[str, list[tuple[int, int, float]]] = {}
    for key, value, step, at in points:
        by_key.setdefault(key, []).append((step, at, value))
    return [_summary(key, by_key[key]) for key in sorted(by_key)]


def _summary(key: str, rows: list[tuple[int, int, float]]) -> MetricSummary:
    """PostgreSQL's order: by step, timestamp, then value, NaN above every number."""
    numbers = [row[2] for row in rows]
    if math.isfinite(sum(numbers)):
        step, at, value = max(rows)
    else:
        step, at, value = max(rows, key=_order)
        numbers = [number for number in numbers if not math.isnan(number)]
    return MetricSummary(key, float(value), step, at, min(numbers, default=None), max(numbers, default=None))


def _order(row: tuple[int, int, float]) -> tuple[int, int, bool, float]:
    step, at, value = row
    is_nan = math.isnan(value)
    return step, at, is_nan, 0.0 if is_nan else value
