"""The metrics of many runs with the figures that PostgreSQL keeps of each, and the steps of the best."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from registry.models import Metric

from .directions import direction_of
from .first_keys import FIRST_KEYS, most_keys

MOST_POINTS = 60_000
"""How many points are looked through, at most, for the steps of the best values."""

# The first step with the value; the index has the points in this order, and nothing else is read.
STEPS = """
SELECT w.metric_id, p.step FROM unnest(%s::int8[], %s::float8[]) AS w (metric_id, value)
CROSS JOIN LATERAL (SELECT step FROM registry_metricpoint
    WHERE metric_id = w.metric_id AND value = w.value ORDER BY step LIMIT 1) AS p
"""


@dataclass(frozen=True, slots=True)
class Logged:
    """One metric of one run; ``least`` and ``greatest`` are None where it never was a number."""

    metric: int
    last: float
    last_step: int
    least: float | None
    greatest: float | None

    @property
    def has_curve(self) -> bool:
        """Whether it was logged more than once, as far as its figures tell."""
        return self.last_step > 0 or self.least != self.greatest

    def figure(self, side: str) -> float:
        """Its ``last``, ``min`` or ``max``: see :func:`side_of`."""
        kept = self.least if side == "min" else self.greatest if side == "max" else None
        return self.last if kept is None else kept


FIRST = FIRST_KEYS.format(table="registry_metric")
FIGURES = f"""
SELECT run_id, key, id, latest_value, latest_step, min_value, max_value FROM registry_metric
WHERE run_id = ANY(%(runs)s) AND (key = ANY(%(named)s) OR key IN ({FIRST}))
ORDER BY key, run_id
"""  # noqa: S608 (made of constants)

Metrics = dict[str, dict[int, Logged]]
"""Key → the runs' primary keys → what is kept."""


def side_of(key: str, show: str) -> str:
    """Which figure of a metric is shown: ``last``, ``min`` or ``max``; the last where no best is known."""
    if show != "best":
        return show
    return {"higher": "max", "lower": "min"}.get(direction_of(key), "last")


def logged_metrics(runs: Sequence[int], *, named: Sequence[str] = ()) -> Metrics:
    """The metrics of these runs by key, the first ones by name (one statement).

    Args:
        runs: Primary keys, at least one.
        named: Metrics that are read in any case.
    """
    metrics: Metrics = {}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"runs": list(runs), "named": list(named), "most": most_keys(len(runs))})
        for run, key, *figures in cursor:
            metrics.setdefault(key, {})[run] = Logged(*figures)
    return metrics


def metrics_beyond(metrics: Metrics, runs: Sequence[int]) -> int:
    """How many metrics of these runs were not read (one statement, none where there are few)."""
    if len(metrics) < most_keys(len(runs)):
        return 0
    return Metric.objects.filter(run__in=runs).values("key").distinct().count() - len(metrics)


def steps_of(metrics: Metrics, *, show: str, first: Sequence[str]) -> dict[int, int]:
    """Metric → the first step at which it had the figure (one statement, none where the last steps tell it).

    Args:
        first: Keys that come first; after about 60,000 points the others are left without their step.
    """
    known: dict[int, int] = {}
    wanted: dict[int, float] = {}
    left = MOST_POINTS
    for key in (*first, *(key for key in metrics if key not in first)):
        side = side_of(key, show)
        for logged in metrics.get(key, {}).values():
            value = logged.figure(side)
            if side == "last" or not math.isfinite(value) or not logged.has_curve:
                known[logged.metric] = logged.last_step
            elif (left := left - max(logged.last_step, 1)) > 0:
                wanted[logged.metric] = value
    return known | _steps(wanted)


def _steps(wanted: Mapping[int, float]) -> dict[int, int]:
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STEPS, [list(wanted), list(wanted.values())])
        return dict(cursor.fetchall())
