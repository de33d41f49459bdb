"""A metric over the course of a run, with what windows tell about it."""

from dataclasses import dataclass

from django.db import connection

from registry.fields import HEX_ID

from .arithmetic import summable

SERIES = f"""
SELECT p.step, p.timestamp_ms, p.value,
       avg({summable("p.value")}) OVER (ORDER BY p.step, p.timestamp_ms, p.value
                         ROWS BETWEEN %(before)s PRECEDING AND CURRENT ROW),
       min(nullif(p.value, 'NaN')) OVER so_far, max(nullif(p.value, 'NaN')) OVER so_far,
       lag(p.value) OVER so_far
FROM registry_metricpoint p
JOIN registry_metric m ON m.id = p.metric_id
JOIN registry_trainingrun r ON r.id = m.run_id
WHERE r.run_id = %(run_id)s::uuid AND r.lifecycle = 'active' AND m.key = %(key)s
WINDOW so_far AS (ORDER BY p.step, p.timestamp_ms, p.value ROWS UNBOUNDED PRECEDING)
ORDER BY p.step, p.timestamp_ms, p.value
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
    """An active run's points of one metric in order (one statement); none where there is no such run.

    NaN is left out of means and extremes; beyond ±1e140 a value counts as infinite in means.
    """
    if not HEX_ID.fullmatch(run_id):
        return []
    with connection.cursor() as cursor:
        cursor.execute(SERIES, {"run_id": run_id, "key": key, "before": max(window, 1) - 1})
        rows = cursor.fetchall()
    return [SeriesPoint(*(*row, None if previous is None else row[2] - previous)) for *row, previous in rows]
