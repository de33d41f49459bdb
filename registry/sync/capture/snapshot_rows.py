"""The rows that a slot's exported snapshot shows, by COPY: in the text that the stream sends, too."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from .connection import reading_connection
from .messages import CaptureError, Column, Relation
from .row_documents import Values, check_key
from .values import converter

COLUMNS = """
SELECT c.oid, c.relreplident, greatest(c.reltuples, 0)::bigint, a.attname, a.atttypid, a.atttypmod,
    coalesce(a.attnum = ANY(i.indkey), false)
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
LEFT JOIN pg_index i ON i.indrelid = c.oid
    AND CASE WHEN c.relreplident = 'i' THEN i.indisreplident ELSE i.indisprimary END
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = %s ORDER BY a.attnum
"""
MOST_BYTES = 8 * 1024**2
NULL = b"\\N"
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
MEANT: Final = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}


@dataclass(frozen=True, slots=True)
class SnapshotTable:
    """A table as the snapshot shows it; ``about`` is how many rows PostgreSQL believes it has."""

    relation: Relation
    about: int

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that name its rows."""
        return tuple(column.name for column in self.relation.columns if column.is_key)


class SnapshotReader:
    """Reads tables inside the snapshot."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def table(self, name: str) -> SnapshotTable:
        """Look a table up.

        Raises:
            CaptureError: it is missing, or nothing names its rows that names documents, too.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(COLUMNS, [name])
            found = cursor.fetchall()
        if not any(row[-1] for row in found):
            what = "has no primary key" if found else "is missing in the schema public"
            raise CaptureError(f"The table {name} {what}, so it can't be captured.")
        columns = tuple(Column(*row[3:]) for row in found)
        oid, identity, about = found[0][:3]
        table = SnapshotTable(Relation(oid, "public", name, identity, columns), about)
        check_key(table.relation, table.key)
        return table

    def read(self, table: SnapshotTable, size: int, take: Callable[[Sequence[Values]], None]) -> None:
        """Give all rows of a table away, at most ``size`` at once, and some 8 MB."""
        relation = table.relation
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in relation.columns)
        copy = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(
            names, sql.Identifier(relation.schema, relation.table)
        )
        lines = _Lines(relation, size, take)
        with self._connection.cursor() as cursor:
            cursor.copy_expert(copy, lines)
        lines.flush()


@contextmanager
def snapshot_reader(snapshot: str) -> Iterator[SnapshotReader]:
    """Read what an exported snapshot shows.

    Raises:
        psycopg2.Error: PostgreSQL is away, or the snapshot is not exported any more.
    """
    with reading_connection() as opened:
        opened.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with opened.cursor() as cursor:
            cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot])
        yield SnapshotReader(opened)


class _Lines:
    """A file that COPY writes to, a line a row."""

    def __init__(self, relation: Relation, size: int, take: Callable[[Sequence[Values]], None]) -> None:
        self._converters = [converter(column.type_oid) for column in relation.columns]
        self._size, self._take = size, take
        self._rows: list[Values] = []
        self._bytes = 0

    def write(self, line: bytes) -> None:
        self._rows.append(
            tuple(
                None if raw == NULL else convert(raw if b"\\" not in raw else _plain(raw))
                for convert, raw in zip(self._converters, line[:-1].split(b"\t"), strict=True)
            )
        )
        self._bytes += len(line)
        if len(self._rows) >= self._size or self._bytes >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            rows, self._rows, self._bytes = self._rows, [], 0
            self._take(rows)


def _plain(raw: bytes) -> bytes:
    return ESCAPED.sub(lambda found: MEANT.get(found[1], found[1]), raw)
