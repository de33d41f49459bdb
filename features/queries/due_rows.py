"""What Redis should have of a view: the newest row of every entity."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from features.event_times import milliseconds
from features.view_schema import ViewSchema
from registry.enums import OutboxStatus, OutboxTarget

# Only the newest of each entity is turned into text.
NEWEST = """
SELECT entity_key, event_at, created_at, transaction, values::text FROM (
    SELECT DISTINCT ON (entity_key) entity_key, event_at, created_at, transaction, values
    FROM features_featurevalue
    WHERE view_id = (SELECT id FROM features_featureview WHERE name = %(view)s AND version = %(version)s)
        AND event_at <= now() AND entity_key > %(after)s
        AND (%(keys)s::text[] IS NULL OR entity_key = ANY(%(keys)s))
    ORDER BY entity_key, event_at DESC LIMIT %(limit)s
) newest ORDER BY entity_key
"""
OWED = f"""
SELECT o.document_id::int8 FROM registry_outboxentry o
WHERE o.status = {OutboxStatus.DUE.value} AND o.target = {OutboxTarget.REDIS.value} AND o.aggregate_id = (
    SELECT 'view ' || id FROM features_featureview WHERE name = %(view)s AND version = %(version)s)
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class DueRow:
    """The newest row of an entity; ``kept`` as JSON has it, ``transaction`` that which wrote it."""

    entity_key: str
    event_at: dt.datetime
    written_at: dt.datetime
    transaction: int
    kept: list[Any]

    @property
    def event_ms(self) -> int:
        """Its event time as Redis keeps it."""
        return milliseconds(self.event_at)


def due_rows_after(view: ViewSchema, after: str, *, limit: int) -> list[DueRow]:
    """The next entities by key (one statement)."""
    return _rows(view, after=after, limit=limit)


def due_rows_of(view: ViewSchema, entity_keys: Sequence[str]) -> dict[str, DueRow]:
    """These entities, by key, where they have a history (one statement)."""
    return {row.entity_key: row for row in _rows(view, keys=list(entity_keys))}


def owed_transactions(view: ViewSchema) -> set[int]:
    """The pushes that are on their way to Redis (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, {"view": view.name, "version": view.version})
        return {number for (number,) in cursor.fetchall()}


def _rows(
    view: ViewSchema, *, after: str = "", keys: list[str] | None = None, limit: int | None = None
) -> list[DueRow]:
    asked: dict[str, Any] = {"view": view.name, "version": view.version, "after": after}
    with connection.cursor() as cursor:
        cursor.execute(NEWEST, asked | {"keys": keys, "limit": limit})
        return [
            DueRow(key, at, written_at, number, orjson.loads(kept))
            for key, at, written_at, number, kept in cursor.fetchall()
        ]
