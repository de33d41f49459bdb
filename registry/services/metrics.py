"""Logging metrics: the hot path. Two statements a batch, whatever its size.

The first upserts one ``Metric`` row a key (latest, least and greatest value) and locks it; the
second inserts the points. Repeating a batch changes nothing. Decision: docs/decisions/0002.
"""

import io
import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection, transaction
from psycopg2.errors import UniqueViolation

from registry.enums import Lifecycle
from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.models import TrainingRun
from registry.sync import run_body

from .names import checked_key
from .run_rows import bump, latest_metrics, lock_run

INT64 = 2**63
COPY_FROM = 100
MAX_POINTS = 100_000


class MetricSample(NamedTuple):
    """One value to log."""

    key: str
    value: float
    step: int
    timestamp_ms: int


class _Summary(NamedTuple):
    key: str
    latest: MetricSample
    least: float | None
    greatest: float | None


class _MetricRow(NamedTuple):
    key: str
    metric_id: int
    run_pk: int
    latest_value: float
    is_ended: bool


# True where the new point comes after the latest one: by step, timestamp, value, NaN last.
IS_NEWER = """(excluded.latest_step, excluded.latest_timestamp_ms, excluded.latest_value)
        > (m.latest_step, m.latest_timestamp_ms, m.latest_value)"""

UPSERT = f"""
WITH r AS (
    SELECT id, status IN ('FINISHED', 'FAILED', 'KILLED') AS is_ended
    FROM registry_trainingrun WHERE run_id = %(run_id)s::uuid AND lifecycle = 'active'
)
INSERT INTO registry_metric AS m
    (run_id, key, latest_value, latest_step, latest_timestamp_ms, min_value, max_value)
SELECT r.id, new.key, new.value, new.step, new.at, new.least, new.greatest
FROM r, unnest(%(keys)s::text[], %(values)s::float8[], %(steps)s::int8[],
     %(times)s::int8[], %(least)s::float8[], %(greatest)s::float8[])
     AS new (key, value, step, at, least, greatest)
ORDER BY new.key
ON CONFLICT (run_id, key) DO UPDATE SET
    latest_value = CASE WHEN {IS_NEWER} THEN excluded.latest_value ELSE m.latest_value END,
    latest_step = CASE WHEN {IS_NEWER} THEN excluded.latest_step ELSE m.latest_step END,
    latest_timestamp_ms = CASE WHEN {IS_NEWER}
        THEN excluded.latest_timestamp_ms ELSE m.latest_timestamp_ms END,
    min_value = least(m.min_value, excluded.min_value),
    max_value = greatest(m.max_value, excluded.max_value)
RETURNING m.key, m.id, m.run_id, m.latest_value, (SELECT is_ended FROM r)
"""  # noqa: S608 (made of constants)

INSERT_POINTS = """
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT * FROM unnest(%s::int8[], %s::int8[], %s::int8[], %s::float8[]) ON CONFLICT DO NOTHING
"""

COPY_POINTS = "COPY registry_metricpoint (metric_id, step, timestamp_ms, value) FROM STDIN"


def log_metrics(*, run_id: str, points: Sequence[MetricSample]) -> None:
    """Log metric points of one run, all or none; a point that is already there is left alone.

    Args:
        run_id: an active run.
        points: values may be NaN or infinite; steps and timestamps (milliseconds) fit 64 bits.

    Raises:
        NotFoundError: no such run.
        ConflictError: the run is deleted.
        BadInputError: a key, value, step or timestamp can't be stored.
    """
    if not points:
        return
    _check(points)
    with transaction.atomic():
        rows = _upsert(run_id, _summaries(points))
        metric_ids = {row.key: row.metric_id for row in rows}
        _insert_points(
            [(metric_ids[point.key], point.step, point.timestamp_ms, float(point.value)) for point in points]
        )
        _set_columns(rows)
        if rows[0].is_ended:
            _tell_of_late_metrics(run_id)


def _check(points: Sequence[MetricSample]) -> None:
    if len(points) > MAX_POINTS:
        raise BadInputError(f"{len(points):,} points in one batch; send at most {MAX_POINTS:,}.")
    for key in {point.key for point in points}:
        checked_key(key, what="The metric")
    for point in points:
        if isinstance(point.value, bool) or not isinstance(point.value, (int, float)):
            raise BadInputError(f"The metric {point.key!r} is {point.value!r}; it must be a number.")
        if not (-INT64 <= point.step < INT64 and -INT64 <= point.timestamp_ms < INT64):
            raise BadInputError(f"The metric {point.key!r} has a step or timestamp beyond 64 bits.")


def _order(point: MetricSample) -> tuple[int, int, bool, float]:
    """PostgreSQL's order: by step, timestamp, then value, NaN above every number."""
    is_nan = math.isnan(point.value)
    return point.step, point.timestamp_ms, is_nan, 0.0 if is_nan else point.value


def _summaries(points: Sequence[MetricSample]) -> list[_Summary]:
    by_key: dict[str, list[MetricSample]] = {}
    for point in points:
        by_key.setdefault(point.key, []).append(point)
    summaries = []
    for key in sorted(by_key):
        numbers = [point.value for point in by_key[key] if not math.isnan(point.value)]
        latest = max(by_key[key], key=_order)
        summaries.append(_Summary(key, latest, min(numbers, default=None), max(numbers, default=None)))
    return summaries


def _upsert(run_id: str, summaries: list[_Summary]) -> list[_MetricRow]:
    if HEX_ID.fullmatch(run_id):
        with connection.cursor() as cursor:
            cursor.execute(
                UPSERT,
                {
                    "run_id": run_id,
                    "keys": [summary.key for summary in summaries],
                    "values": [float(summary.latest.value) for summary in summaries],
                    "steps": [summary.latest.step for summary in summaries],
                    "times": [summary.latest.timestamp_ms for summary in summaries],
                    "least": [summary.least for summary in summaries],
                    "greatest": [summary.greatest for summary in summaries],
                },
            )
            rows = [_MetricRow(*row) for row in cursor.fetchall()]
        if rows:
            return rows
    lock_run(run_id)
    raise BadInputError(f"The run {run_id} changed while its metrics were logged. Log them again.")


def copy_points(cursor: Any, rows: Iterable[tuple[int, int, int, float]]) -> None:
    """COPY points: metric id, step, timestamp in milliseconds, value.

    Raises:
        UniqueViolation: a point is already there.
    """
    text = "".join([f"{metric}\t{step}\t{at}\t{value!r}\n" for metric, step, at, value in rows])
    cursor.cursor.copy_expert(COPY_POINTS, io.StringIO(text))


def _insert_points(rows: list[tuple[int, int, int, float]]) -> None:
    """COPY where it pays, plain INSERT for few rows and where a point is already there."""
    if len(rows) >= COPY_FROM:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                copy_points(cursor, rows)
        except UniqueViolation:
            pass
        else:
            return
    with connection.cursor() as cursor:
        cursor.execute(INSERT_POINTS, [list(column) for column in zip(*rows, strict=True)])


def _set_columns(rows: list[_MetricRow]) -> None:
    """Repeat the latest accuracy and loss on the run; an accuracy beyond 0 to 1 is not repeated."""
    columns = {row.key: row.latest_value for row in rows if row.key in ("accuracy", "loss")}
    if not columns:
        return
    if "accuracy" in columns and not 0 <= columns["accuracy"] <= 1:
        columns["accuracy"] = None  # type: ignore[assignment]
    TrainingRun.objects.filter(pk=rows[0].run_pk, lifecycle=Lifecycle.ACTIVE).update(**columns)


def _tell_of_late_metrics(run_id: str) -> None:
    """What was told of the metrics when the run ended is no longer true."""
    run = lock_run(run_id)
    bump(run)
    run_body.promise_status(run=run, metrics=latest_metrics(run))
