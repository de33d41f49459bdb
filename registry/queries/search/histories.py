"""Metrics' histories as JSON text, written by PostgreSQL: no object for a point.

One statement each, and some more where points lie in archives. 10,000 points take 30 ms so, most of them
the writing of the numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from registry.exceptions import NotFoundError
from registry.models import ExperimentPermission
from registry.queries.archived_points import IS_ARCHIVED, POINTS, points_with_archived
from registry.queries.permission_sql import permission_sql

from .pages import Place

READ = ExperimentPermission.Level.READ
START: Place = (str(-(2**63)), str(-(2**63)), "-Infinity")

POINT = """'{{"key":' || {key} || ',"value":' || to_json(p.value) || ',"timestamp":' || p.timestamp_ms
    || ',"step":' || p.step {more} '}}'"""
HISTORY = """
WITH r AS MATERIALIZED (
    SELECT r.id FROM registry_trainingrun r JOIN registry_experiment e ON e.id = r.experiment_id
    WHERE r.run_id = %(run_id)s::uuid AND {permission}
), p AS MATERIALIZED (
    SELECT p.timestamp_ms, p.step, p.value FROM {points} p
    WHERE p.metric_id = (SELECT m.id FROM registry_metric m, r WHERE m.run_id = r.id AND m.key = %(key)s)
    AND (p.timestamp_ms, p.step, p.value) > (%(at)s::int8, %(step)s::int8, %(value)s::float8)
    ORDER BY p.timestamp_ms, p.step, p.value LIMIT %(limit)s + 1
)
SELECT (SELECT count(*) FROM p),
    (SELECT string_agg({point}, ',') FROM
        (SELECT * FROM p ORDER BY timestamp_ms, step, value LIMIT %(limit)s) p),
    (SELECT ARRAY[timestamp_ms::text, step::text, value::text] FROM p
        ORDER BY timestamp_ms, step, value OFFSET %(limit)s - 1 LIMIT 1), {archived}
FROM r
"""
RUNS = """
WITH r AS MATERIALIZED (
    SELECT r.id, r.run_id, a.at FROM registry_trainingrun r
    JOIN registry_experiment e ON e.id = r.experiment_id
    JOIN unnest(%(run_ids)s::uuid[]) WITH ORDINALITY a (run_id, at) ON a.run_id = r.run_id
    WHERE {permission}
)
"""
MANY = """
SELECT string_agg({point}, ','), {archived} FROM (
    SELECT replace(r.run_id::text, '-', '') AS run, p.timestamp_ms, p.step, p.value
    FROM r JOIN registry_metric m ON m.run_id = r.id AND m.key = %(key)s
    JOIN {points} p ON p.metric_id = m.id
    ORDER BY r.run_id, p.timestamp_ms, p.step, p.value LIMIT %(limit)s
) p
"""
# Buckets of equal size, the first point of each, and for the last one the last point of all.
SAMPLE = """
SELECT (SELECT count(DISTINCT run_id) FROM r), (SELECT string_agg({point}, ',') FROM (
    SELECT * FROM (
        SELECT *, lag(bucket) OVER (PARTITION BY at ORDER BY number) AS bucket_before FROM (
            SELECT replace(r.run_id::text, '-', '') AS run, r.at, p.timestamp_ms, p.step, p.value,
                ntile(%(limit)s) OVER w AS bucket, row_number() OVER w AS number,
                count(*) OVER (PARTITION BY r.at) AS total
            FROM r JOIN registry_metric m ON m.run_id = r.id AND m.key = %(key)s
            JOIN {points} p ON p.metric_id = m.id
            WHERE p.step BETWEEN %(first)s AND %(last)s
            WINDOW w AS (PARTITION BY r.at ORDER BY p.step, p.timestamp_ms, p.value)
        ) p
    ) p WHERE p.number = p.total OR p.total <= %(limit)s
        OR (p.bucket < %(limit)s AND p.bucket IS DISTINCT FROM p.bucket_before)
    ORDER BY p.at, p.number
) p), {archived}
"""
# All runs where points of some lie in archives: then the statement is asked again, of those as well.
ARCHIVED = f"CASE WHEN EXISTS (SELECT FROM r WHERE {IS_ARCHIVED}) THEN ARRAY(SELECT id FROM r) END"  # noqa: S608


@dataclass(frozen=True)
class History:
    """Points as the inside of a JSON list, and where the next page starts."""

    points: str
    next_after: Place | None


def history_page(*, user: User, run_id: str, key: str, size: int, after: Place | None = None) -> History:
    """A metric's points in the order of timestamp, step and value; none where the run has no such metric.

    Raises:
        NotFoundError: there is no such run, or none that the user may know of.
    """
    permission, values = permission_sql(user, READ)
    at, step, value = after or START
    values |= {"run_id": run_id, "limit": size, "at": at, "step": step, "value": value}
    row = _one_row(HISTORY, values, key, permission=permission, point=_point())
    if row is None:
        raise NotFoundError(f"Run with id={run_id} not found")
    count, points, last, _ = row
    return History(points or "", tuple(last) if count > size else None)


def histories(*, user: User, run_ids: Sequence[str], key: str, limit: int) -> str:
    """Points of runs that the user may read, by run id, timestamp, step and value, up to a limit in all."""
    permission, values = permission_sql(user, READ)
    values |= {"run_ids": list(run_ids), "limit": limit}
    row = _one_row(RUNS + MANY, values, key, permission=permission, point=_point(of_run=True))
    return (row[0] if row else None) or ""


def sampled_histories(
    *, user: User, run_ids: Sequence[str], key: str, limit: int, steps: tuple[int, int] | None = None
) -> str:
    """Evenly sampled points by step, up to a limit for each run, the first and the last among them.

    Args:
        steps: the first and the last to take, all where it is None.

    Raises:
        NotFoundError: one of the runs is not there, or the user may not know of it.
    """
    permission, values = permission_sql(user, READ)
    first, last = steps or (-(2**63), 2**63 - 1)
    values |= {"run_ids": list(run_ids), "limit": limit, "first": first, "last": last}
    row = _one_row(RUNS + SAMPLE, values, key, permission=permission, point=_point(of_run=True))
    if row is None or row[0] < len(set(run_ids)):
        raise NotFoundError(f"One of the runs {', '.join(run_ids)[:200]} was not found")
    return row[1] or ""


def _one_row(statement: str, values: dict[str, Any], key: str, **parts: str) -> tuple[Any, ...] | None:
    row = _row(statement.format(points=POINTS, archived=ARCHIVED, **parts), values | {"key": key})
    if row is None or row[-1] is None:
        return row
    with points_with_archived(row[-1], key=key) as points:
        return _row(statement.format(points=points, archived="NULL", **parts), values | {"key": key})


def _row(statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def _point(*, of_run: bool = False) -> str:
    more = """|| ',"run_id":"' || p.run || '"' ||""" if of_run else "||"
    return POINT.format(key="to_json(%(key)s::text)", more=more)
