"""What a pass of materialisation has to bring to Redis."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from features.models import Materialization
from features.offline_values import from_json
from features.view_schema import ViewSchema

# What the pass before could not see yet, whatever its event time, and what was too new for it. The
# transaction that wrote a row tells whether a snapshot had it; ids and clocks don't, since what has the
# lower one may be committed later. The oldest transaction of the snapshot is there for the index. Of
# another cluster (a restored backup) a snapshot tells nothing: then everything is read.
WINDOW = """
    view_id = %(view)s AND event_at <= %(until)s AND entity_key > %(after)s
    AND (%(is_whole)s OR event_at > %(since)s OR (
        transaction >= %(oldest)s
        AND NOT pg_visible_in_snapshot(transaction::text::xid8, %(seen)s::pg_snapshot)))
"""
COUNT = f"SELECT count(DISTINCT entity_key) FROM features_featurevalue WHERE {WINDOW}"  # noqa: S608
CHUNK = f"""
SELECT entity_key, event_at, created_at, values::text FROM (
    SELECT DISTINCT ON (entity_key) entity_key, event_at, created_at, values FROM features_featurevalue
    WHERE {WINDOW} ORDER BY entity_key, event_at DESC LIMIT %(limit)s
) newest ORDER BY entity_key
"""  # noqa: S608 (made of constants)
SNAPSHOT = "SELECT pg_current_snapshot()::text"
NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::int8"


@dataclass(frozen=True)
class WindowRow:
    """One entity's newest row in the window; values in the view's order."""

    entity_key: str
    event_at: dt.datetime
    written_at: dt.datetime
    values: tuple[object, ...]


def current_snapshot() -> str:
    """What is committed now, as PostgreSQL tells it (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        return str(cursor.fetchone()[0])


def count_window(step: Materialization) -> int:
    """How many entities are left to a pass (one statement, or two)."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, _parameters(step))
        return int(cursor.fetchone()[0])


def window_rows(step: Materialization, schema: ViewSchema, *, limit: int) -> list[WindowRow]:
    """The next entities after the pass's position, by key (one statement, or two)."""
    with connection.cursor() as cursor:
        cursor.execute(CHUNK, _parameters(step) | {"limit": limit})
        found = cursor.fetchall()
    return [
        WindowRow(key, at, written_at, from_json(schema, orjson.loads(values)))
        for key, at, written_at, values in found
    ]


def _parameters(step: Materialization) -> dict[str, Any]:
    seen = step.seen or "1:1:"
    oldest = int(seen.partition(":")[0])
    return {
        "view": step.view_id,
        "until": step.until,
        "after": step.position,
        "since": step.since,
        "is_whole": step.since is None or oldest > _oldest_now(),
        "oldest": oldest,
        "seen": seen,
    }


def _oldest_now() -> int:
    with connection.cursor() as cursor:
        cursor.execute(NOW)
        return int(cursor.fetchone()[0])
