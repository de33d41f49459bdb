"""Whole metric histories, fast: PostgreSQL sends each curve as one packed array."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from registry.postgres.binary_rows import TRUE, binary_rows, whole
from registry.queries.archived_points import POINTS, points_with_archived

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Buffer = bytes | memoryview
Packed = tuple[int, str, Buffer, bool]

# float8send packs a number into eight bytes in network order, so ten thousand points arrive as one
# value instead of ten thousand rows. It packs them as it finds them: sorting here costs less, and one
# array of whole points less than an array a column.
CURVES = """
SELECT m.id, m.run_id, m.key, CASE WHEN %(most)s IS NULL OR packed.count <= %(most)s THEN packed.points END,
    packed.count, is_archived
FROM registry_metric m
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT FROM registry_archivedrun a WHERE a.run_id = m.run_id) AS is_archived
) AS a
CROSS JOIN LATERAL (
    SELECT string_agg({point}, ''::bytea), count(*) FROM (
        SELECT step, timestamp_ms, value FROM {points} p WHERE metric_id = m.id LIMIT %(most)s + 1
    ) AS p
) AS packed (points, count)
WHERE m.run_id = ANY(%(runs)s) AND (%(keys)s IS NULL OR m.key = ANY(%(keys)s))
    AND (packed.count > 0 OR is_archived)
ORDER BY m.run_id, m.key
"""
# One step in the index for each place, however many points lie between.
SAMPLED = """
SELECT m.id, packed.points FROM unnest(%(metrics)s::int8[]) AS m (id)
CROSS JOIN LATERAL (
    SELECT min(step), max(step)::numeric - min(step) FROM {points} p WHERE metric_id = m.id
) AS ends (first, width)
CROSS JOIN LATERAL (
    SELECT string_agg({point}, ''::bytea) FROM (
        SELECT DISTINCT found.* FROM generate_series(0, %(places)s) AS place
        CROSS JOIN LATERAL (
            SELECT step, timestamp_ms, value FROM {points} p
            WHERE metric_id = m.id AND step >= (ends.first + ends.width * place / %(places)s)::int8
            ORDER BY step, timestamp_ms, value LIMIT 1
        ) AS found
    ) AS p
) AS packed (points)
"""
PLACES = 500
"""How many points stand for a history that is too long to be read."""
TIMED = "int8send(step) || int8send(timestamp_ms) || float8send(value)"
TIMED_POINT = np.dtype([("step", ">i8"), ("at", ">i8"), ("value", ">f8")])
# One call packs the two floats of a point of the plane: a sixth less work for PostgreSQL than three calls.
BARE = "point_send(point(step, value))"
MOST_EXACT = 2**53
"""No two whole numbers below it are the same float."""
NO_TIMES = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class MetricCurve:
    """The history of one metric of one run.

    Attributes:
        run: Primary key of the run.
        key: The metric's name.
        steps: Shape ``(n,)``, ascending.
        timestamps_ms: Shape ``(n,)``; empty where they were not asked for.
        values: Shape ``(n,)``; NaN and infinities as they were logged.
        is_sampled: It stands for a longer one: its points at about 500 even steps, the first and last among
            them.
    """

    run: int
    key: str
    steps: Integers
    timestamps_ms: Integers
    values: Floats
    is_sampled: bool = False

    @property
    def seconds(self) -> Floats:
        """Shape ``(n,)``: time since the first point."""
        seconds: Floats = (self.timestamps_ms - self.timestamps_ms.min()) / 1_000
        return seconds


def metric_curves(
    runs: Sequence[int],
    *,
    keys: Sequence[str] | None = None,
    with_times: bool = True,
    most: int | None = None,
) -> list[MetricCurve]:
    """The histories of these runs' metrics, in the order of run and key.

    One statement; some more where points lie in archives.

    Args:
        runs: Primary keys.
        keys: Only these metrics; None for all.
        with_times: Without them a third less is read; everything is read once more where a step has several
            points, which only their times bring into order, or is larger than floats can count.
        most: Of longer histories only some points are read, which takes a second statement; None reads all.
    """
    rows = _rows(TIMED if with_times else BARE, runs, keys, most)
    if with_times:
        return [
            MetricCurve(run, key, *_in_order(np.frombuffer(packed, TIMED_POINT)), is_sampled)
            for run, key, packed, is_sampled in rows
        ]
    in_order = [_by_step(packed) for _, _, packed, _ in rows]
    if not all(_is_told(steps) for steps, _ in in_order):
        return metric_curves(runs, keys=keys, most=most)
    return [
        MetricCurve(run, key, steps.astype(np.int64), NO_TIMES, values, is_sampled)
        for (run, key, _, is_sampled), (steps, values) in zip(rows, in_order, strict=True)
    ]


def _rows(point: str, runs: Sequence[int], keys: Sequence[str] | None, most: int | None) -> list[Packed]:
    """Run, key, packed points, and whether they are a sample."""
    asked = {"runs": list(runs), "keys": None if keys is None else list(keys), "most": most}
    found, is_archived = _found(asked, point, POINTS)
    if is_archived:
        with points_with_archived(
            runs, key=keys[0] if keys is not None and len(keys) == 1 else None
        ) as points:
            found, _ = _found(asked, point, points)
    return found


def _found(asked: dict[str, Any], point: str, source: str) -> tuple[list[Packed], bool]:
    """What the table, or what stands for it, has; and whether some points lie in archives."""
    rows = [
        (whole(metric), whole(run), str(key, "utf-8"), packed, whole(count), is_archived == TRUE)
        for metric, run, key, packed, count, is_archived in binary_rows(
            CURVES.format(point=point, points=source), asked
        )
    ]
    long = [metric for metric, _, _, packed, count, _ in rows if count and not packed]
    sampled: dict[int, bytes] = {}
    if long:
        with connection.cursor() as cursor:
            cursor.execute(SAMPLED.format(point=point, points=source), {"metrics": long, "places": PLACES})
            sampled = dict(cursor.fetchall())
    curves = [
        (run, key, points, not packed)
        for metric, run, key, packed, _, _ in rows
        if (points := packed or sampled.get(metric))  # none where they were deleted in between
    ]
    return curves, any(is_archived for *_, is_archived in rows)


def _is_told(steps: Floats) -> bool:
    """Whether the steps, in order, are each another one, and none was rounded."""
    return bool(steps[0] > -MOST_EXACT and steps[-1] < MOST_EXACT and (steps[1:] > steps[:-1]).all())


def _by_step(packed: Buffer) -> tuple[Floats, Floats]:
    """The unpacked columns by step."""
    steps, values = np.frombuffer(packed, ">f8").reshape(-1, 2).T.astype(np.float64, order="C")
    if (steps[1:] > steps[:-1]).all():
        return steps, values
    order = np.argsort(steps, kind="stable")
    return steps[order], values[order]


def _in_order(points: NDArray[Any]) -> tuple[Integers, Integers, Floats]:
    """The unpacked columns by step, then time, then value."""
    x, at = points["step"].astype(np.int64), points["at"].astype(np.int64)
    y = points["value"].astype(np.float64)
    if (x[1:] > x[:-1]).all():
        return x, at, y
    order = np.lexsort((y, at, x))
    return x[order], at[order], y[order]
