"""A metric over the course of a run, with what windows tell about it."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from registry.fields import HEX_ID

from .archived_points import POINTS, points_with_archived
from .arithmetic import summable

SERIES = f"""
SELECT s.*, a.run_id FROM (
    SELECT max(x.run_id) AS run_id FROM registry_archivedrun x JOIN registry_trainingrun r ON r.id = x.run_id
    WHERE r.run_id = %(run_id)s::uuid
) a LEFT JOIN (
SELECT p.step, p.timestamp_ms, p.value,
       avg({summable("p.value")}) OVER (ORDER BY p.step, p.timestamp_ms, p.value
                         ROWS BETWEEN %(before)s PRECEDING AND CURRENT ROW) AS rolling_mean,
       min(nullif(p.value, 'NaN')) OVER so_far AS least, max(nullif(p.value, 'NaN')) OVER so_far AS greatest,
       lag(p.value) OVER so_far AS value_before
FROM {{points}} p
JOIN registry_metric m ON m.id = p.metric_id
JOIN registry_trainingrun r ON r.id = m.run_id
WHERE r.run_id = %(run_id)s::uuid AND r.lifecycle = 'active' AND m.key = %(key)s
WINDOW so_far AS (ORDER BY p.step, p.timestamp_ms, p.value ROWS UNBOUNDED PRECEDING)
) s ON true
ORDER BY s.step, s.timestamp_ms, s.value
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class SeriesPoint:
    """A value, the mean of the last ``window`` values, the extremes so far, the change from before."""

    step: int
    timestamp_ms: int
    value: float
    rolling_mean: float | None
    least_so_far: float | None
    greatest_so_far: float | None
    change: float | None


def metric_series(*, run_id: str, key: str, window: int = 5) -> list[SeriesPoint]:
    """An active run's points of one metric in order, archived ones too; none where there is no such run.

    One statement; some more where points lie in archives. NaN is left out of means and extremes; beyond
    ±1e140 a value counts as infinite in means.
    """
    if not HEX_ID.fullmatch(run_id):
        return []
    asked = {"run_id": run_id, "key": key, "before": max(window, 1) - 1}
    rows = _rows(POINTS, asked)
    archived = rows[0][-1]
    if archived is not None:
        with points_with_archived([archived], key=key) as points:
            rows = _rows(points, asked)
    return [
        SeriesPoint(*(*row, None if previous is None else row[2] - previous))
        for *row, previous, _ in rows
        if row[0] is not None
    ]


def _rows(points: str, asked: dict[str, Any]) -> list[tuple[Any, ...]]:
    """The points, each with the run where some lie in archives; one row of nothing where there are none."""
    with connection.cursor() as cursor:
        cursor.execute(SERIES.format(points=points), asked)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
