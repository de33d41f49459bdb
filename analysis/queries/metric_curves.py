"""Whole metric histories, fast: PostgreSQL sends each curve as two packed arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# float8send packs a number into eight bytes in network order, so ten thousand points arrive as one
# value instead of ten thousand rows. It packs them as it finds them: sorting here costs less.
CURVES = """
SELECT m.run_id, m.key, packed.steps, packed.times, packed.points
FROM registry_metric m
CROSS JOIN LATERAL (
    SELECT string_agg(int8send(step), ''::bytea),
           string_agg(int8send(timestamp_ms), ''::bytea),
           string_agg(float8send(value), ''::bytea)
    FROM registry_metricpoint WHERE metric_id = m.id
) AS packed (steps, times, points)
WHERE m.run_id = ANY(%s) AND (%s IS NULL OR m.key = ANY(%s)) AND packed.steps IS NOT NULL
ORDER BY m.run_id, m.key
"""


@dataclass(frozen=True, slots=True, eq=False)
class MetricCurve:
    """The history of one metric of one run.

    Attributes:
        run: Primary key of the run.
        key: The metric's name.
        steps: Shape ``(n,)``, ascending.
        timestamps_ms: Shape ``(n,)``.
        values: Shape ``(n,)``; NaN and infinities as they were logged.
    """

    run: int
    key: str
    steps: Integers
    timestamps_ms: Integers
    values: Floats

    @property
    def seconds(self) -> Floats:
        """Shape ``(n,)``: time since the first point."""
        seconds: Floats = (self.timestamps_ms - self.timestamps_ms.min()) / 1_000
        return seconds


def metric_curves(runs: Sequence[int], *, keys: Sequence[str] | None = None) -> list[MetricCurve]:
    """The histories of these runs' metrics, in the order of run and key (one statement).

    Args:
        runs: Primary keys.
        keys: Only these metrics; None for all.
    """
    wanted = None if keys is None else list(keys)
    with connection.cursor() as cursor:
        cursor.execute(CURVES, [list(runs), wanted, wanted])
        rows = cursor.fetchall()
    return [MetricCurve(run, key, *_in_order(*packed)) for run, key, *packed in rows]


def _in_order(steps: bytes, times: bytes, points: bytes) -> tuple[Integers, Integers, Floats]:
    """The unpacked arrays by step, then time, then value."""
    x = np.frombuffer(steps, dtype=">i8").astype(np.int64)
    at = np.frombuffer(times, dtype=">i8").astype(np.int64)
    y = np.frombuffer(points, dtype=">f8").astype(np.float64)
    if (x[1:] > x[:-1]).all():
        return x, at, y
    order = np.lexsort((y, at, x))
    return x[order], at[order], y[order]
