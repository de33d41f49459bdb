"""Filling PostgreSQL and MongoDB of a measurement, each by its own statements."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from registry.documents.connection import database
from registry.documents.store import patiently
from registry.postgres.deadlines import within

from .bodies import DOCUMENTS, Collection
from .rows import FILLS, FIRST, SERIES, Fill

FILL_SECONDS = 3_600
PIECE = 50_000
"""Rows to a statement, so that progress can be told."""
SET_SEQUENCE = "SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
RARE = 100
"""One of so many runs is old, killed and in the bin."""


@dataclass(frozen=True)
class Filled:
    """How far it is: rows in this table, and rows of all."""

    table: str
    done: int
    total: int


@dataclass(frozen=True)
class Volume:
    """How much there is."""

    runs: int
    points: int

    def steps(self, fill: Fill) -> int:
        """How far ``n`` goes in a table."""
        return (self.points if fill.of_points else self.runs) // fill.each

    @property
    def numbers(self) -> dict[str, int]:
        """What the statements need to know."""
        return {
            "runs": self.runs,
            "users": max(1, self.runs // 1_000),
            "thousandths": max(1, self.runs // 1_000),
            "hundredths": max(1, self.runs // 100),
            "rare": self.runs // RARE,
        }


def fill(volume: Volume) -> Iterator[Filled]:
    """Fill both stores, yielding how far it is."""
    total = sum(volume.steps(each) * each.rows for each in FILLS) + sum(
        each.steps(volume.runs) for each in DOCUMENTS
    )
    done = 0
    with within(FILL_SECONDS), connection.cursor() as cursor:
        # as of a restored dump: no foreign key is looked up again, no commit waits for the disk
        cursor.execute("SET statement_timeout = 0; SET session_replication_role = replica")
        cursor.execute("SET synchronous_commit = off")
        cursor.execute(FIRST)
        for table in FILLS:
            statement = table.sql.format(n=SERIES)
            for low, high in _pieces(volume.steps(table), PIECE // table.rows):
                cursor.execute(statement, volume.numbers | {"low": low, "high": high})
                done += (high - low + 1) * table.rows
                yield Filled(table.table, done, total)
        cursor.execute("RESET session_replication_role; RESET synchronous_commit")
        cursor.execute("VACUUM ANALYZE")
        _move_sequences(cursor)
    for collection in DOCUMENTS:
        for low, high in _pieces(collection.steps(volume.runs), PIECE):
            _insert(collection, low, high)
            done += high - low + 1
            yield Filled(f"MongoDB: {collection.name}", done, total)


def _insert(collection: Collection, low: int, high: int) -> None:
    """Documents ``low`` to ``high``, made and written by MongoDB itself."""
    pipeline: list[dict[str, Any]] = [
        # a binary id has to be brought: MongoDB 6 makes none itself
        {"$documents": [{"n": n, "uuid": uuid.UUID(int=n)} for n in range(low, high + 1)]},
        {"$replaceWith": collection.body},
        {"$merge": {"into": collection.name, "whenMatched": "keepExisting"}},
    ]
    with patiently(FILL_SECONDS):
        database().aggregate(pipeline)


def _move_sequences(cursor: Any) -> None:
    """Past the ids that were given."""
    for table in FILLS:
        if table.table != "registry_metricpoint":
            cursor.execute(SET_SEQUENCE.format(table=table.table))


def _pieces(steps: int, size: int) -> Iterator[tuple[int, int]]:
    """From 1 to ``steps``, ``size`` at a time."""
    for low in range(1, steps + 1, size):
        yield low, min(low + size - 1, steps)
