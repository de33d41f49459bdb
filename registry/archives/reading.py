"""Points of runs out of PostgreSQL, streamed by COPY in the order of the table's key."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connection

from registry.parquet.points import Points, PointSink
from registry.postgres.copying import copy
from registry.postgres.deadlines import within
from registry.queries.archived_points import POINTS

LONG_SECONDS = 1_800
NAMES = """
SELECT m.id, replace(r.run_id::text, '-', ''), m.key
FROM registry_metric m JOIN registry_trainingrun r ON r.id = m.run_id WHERE m.run_id = ANY(%s)
"""
SELECT = """
COPY (SELECT p.metric_id, p.step, p.timestamp_ms, p.value
      FROM registry_metric m JOIN {points} p ON p.metric_id = m.id WHERE m.run_id = ANY(%s)
      ORDER BY p.metric_id, p.step, p.timestamp_ms, p.value) TO STDOUT (FORMAT binary)
"""


@contextmanager
def patient() -> Iterator[None]:
    """Let this transaction's statements take half an hour on both sides, and sort in memory."""
    with within(LONG_SECONDS), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{LONG_SECONDS}s'; SET LOCAL work_mem = '64MB'")
        yield


def metric_names(runs: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Metric id → run id and key, of all metrics of these runs (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [list(runs)])
        return {metric: (run_id, key) for metric, run_id, key in cursor.fetchall()}


def copy_points(runs: Sequence[int], take: Callable[[Points], object], *, points: str = POINTS) -> None:
    """Hand over the runs' points by metric, step, time and value, a row group at a time (one statement)."""
    copy_to_points(SELECT.format(points=points), [list(runs)], take)


def copy_to_points(statement: str, values: Sequence[object], take: Callable[[Points], object]) -> None:
    """Run a COPY of points to STDOUT (FORMAT binary)."""
    sink = PointSink(take)
    copy(statement, sink, values)
    sink.end()
