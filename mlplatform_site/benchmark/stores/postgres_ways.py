"""psycopg2, plain and prepared, with the platform's options but without its deadlines in the client."""

import functools
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg2
from django.db import connection
from psycopg2.extras import execute_values

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.works import (
    BATCH_READ,
    BATCH_WRITE,
    BATCH_WRITE_LAX,
    BATCHED,
    CACHED_PAGE,
    COMPLEX_QUERY,
    DRIVER,
    FEATURE_VECTORS,
    KEY_VALUE_READ,
    POSTGRESQL,
    SIMPLE_READ,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)

from .view import PACKED, unpacked
from .way import (
    TABLE_FEATURES,
    TABLE_PACKED,
    TABLE_PAGES,
    TABLE_RECORDS,
    TABLE_VALUES,
    TABLE_WRITTEN,
    Operation,
    Way,
)

PLAIN, PREPARED = "psycopg2", "psycopg2, prepared"
DURABLE = "on disk: synchronous_commit = on"
LAX = "lost within 0.6 s of a crash: synchronous_commit = off"
COLUMNS = ", ".join(data.COLUMNS)
PLACES = ", ".join(["%s"] * len(data.COLUMNS))
TYPES = ", ".join(["text"] * 6 + ["float8"] * 3 + ["int", "bigint"])
FEATURES = ", ".join(["entity", *data.feature_names()])
VALUE = f"SELECT value FROM {TABLE_VALUES} WHERE key = %s"
VALUES = f"SELECT key, value FROM {TABLE_VALUES} WHERE key = ANY(%s)"
RECORD = f"SELECT {COLUMNS} FROM {TABLE_RECORDS} WHERE record_id = %s"
RECORDS = f"SELECT {COLUMNS} FROM {TABLE_RECORDS} WHERE record_id = ANY(%s)"
INSERT = f"INSERT INTO {TABLE_WRITTEN} ({COLUMNS}) VALUES ({PLACES})"
PAGE = f"SELECT html FROM {TABLE_PAGES} WHERE number = %s"
VECTORS = f"SELECT {FEATURES} FROM {TABLE_FEATURES} WHERE entity = ANY(%s)"
PACKED_ROWS = f"SELECT entity, packed FROM {TABLE_PACKED} WHERE entity = ANY(%s)"
GROUPS = (
    f"SELECT framework, count(*), avg(accuracy), max(accuracy) FROM {TABLE_RECORDS}"
    " WHERE status = 'FINISHED' AND loss < %s GROUP BY framework ORDER BY framework"
)
_numbers = itertools.count()


@functools.cache
def connected(synchronous: str = "on") -> Any:
    """This process's connection of psycopg2 itself; each statement is its own transaction, as in Django."""
    parameters = connection.get_connection_params()
    del parameters["connection_factory"], parameters["cursor_factory"]
    line = psycopg2.connect(**parameters)
    line.autocommit = True
    with line.cursor() as cursor:
        cursor.execute(f"SET synchronous_commit = {synchronous}")
    return line


def _prepared(cursor: Any, types: str, statement: str) -> str:
    """Prepare a statement; returns its name."""
    name = f"bench_{next(_numbers)}"
    cursor.execute(f"PREPARE {name} ({types}) AS {statement}")
    return name


def ways() -> Iterator[Way]:
    """All of them."""
    yield from _reads()
    for level in (DRIVER, BATCHED):
        rows = functools.partial(_select_prepared, PACKED_ROWS, "text[]", _packed)
        yield Way(FEATURE_VECTORS, level, POSTGRESQL, f"{PREPARED}, {PACKED}", rows)
    yield from _writes(SIMPLE_WRITE, BATCH_WRITE, "on", DURABLE)
    yield from _writes(SIMPLE_WRITE_LAX, BATCH_WRITE_LAX, "off", LAX)


def _writes(one: str, many: str, synchronous: str, promise: str) -> Iterator[Way]:
    for name, is_prepared in ((PLAIN, False), (PREPARED, True)):
        insert = functools.partial(_insert, is_prepared, synchronous)
        yield Way(one, DRIVER, POSTGRESQL, name, insert, promise)
    yield Way(
        many, BATCHED, POSTGRESQL, "execute_values", functools.partial(_insert_many, synchronous), promise
    )
    yield Way(many, BATCHED, POSTGRESQL, "COPY", functools.partial(_copy, synchronous), promise)


def _reads() -> Iterator[Way]:
    cases: list[tuple[str, str, str, str, Callable[[Any, Any], Any]]] = [
        (KEY_VALUE_READ, DRIVER, VALUE, "text", _first_of_row),
        (KEY_VALUE_READ, BATCHED, VALUES, "text[]", _values),
        (SIMPLE_READ, DRIVER, RECORD, "text", _record),
        (BATCH_READ, BATCHED, RECORDS, "text[]", _records),
        (COMPLEX_QUERY, DRIVER, GROUPS, "float8", _all),
        (CACHED_PAGE, DRIVER, PAGE, "int", _first_of_row),
        (FEATURE_VECTORS, DRIVER, VECTORS, "text[]", _vectors),
        (FEATURE_VECTORS, BATCHED, VECTORS, "text[]", _vectors),
    ]
    for work, level, sql, kind, read in cases:
        yield Way(work, level, POSTGRESQL, PLAIN, functools.partial(_select, sql, read))
        prepared = functools.partial(_select_prepared, sql, kind, read)
        yield Way(work, level, POSTGRESQL, PREPARED, prepared)


def _select(sql: str, read: Callable[[Any, Any], Any]) -> Operation:
    cursor = connected().cursor()

    def select(asked: Any) -> Any:
        cursor.execute(sql, (asked,))
        return read(cursor, asked)

    return select


def _select_prepared(sql: str, kind: str, read: Callable[[Any, Any], Any]) -> Operation:
    cursor = connected().cursor()
    execute = f"EXECUTE {_prepared(cursor, kind, sql.replace('%s', '$1'))} (%s)"

    def select(asked: Any) -> Any:
        cursor.execute(execute, (asked,))
        return read(cursor, asked)

    return select


def _first_of_row(cursor: Any, _: Any) -> Any:
    return cursor.fetchone()[0]


def _record(cursor: Any, _: Any) -> data.Record:
    return dict(zip(data.COLUMNS, cursor.fetchone(), strict=True))


def _records(cursor: Any, asked: Sequence[str]) -> list[data.Record]:
    found = {row[0]: dict(zip(data.COLUMNS, row, strict=True)) for row in cursor.fetchall()}
    return [found[each] for each in asked]


def _values(cursor: Any, asked: Sequence[str]) -> list[str]:
    found = dict(cursor.fetchall())
    return [found[each] for each in asked]


def _all(cursor: Any, _: Any) -> Any:
    return cursor.fetchall()


def _vectors(cursor: Any, asked: Sequence[str]) -> list[tuple[float, ...]]:
    found = {row[0]: row[1:] for row in cursor.fetchall()}
    return [found[each] for each in asked]


def _packed(cursor: Any, asked: Sequence[str]) -> list[tuple[float, ...]]:
    found = dict(cursor.fetchall())
    return [unpacked(found[each].tobytes()) for each in asked]


def _insert(is_prepared: bool, synchronous: str) -> Operation:  # noqa: FBT001 (told by partial)
    cursor = connected(synchronous).cursor()
    sql = INSERT
    if is_prepared:
        values = ", ".join(f"${place}" for place in range(1, len(data.COLUMNS) + 1))
        name = _prepared(cursor, TYPES, f"INSERT INTO {TABLE_WRITTEN} ({COLUMNS}) VALUES ({values})")
        sql = f"EXECUTE {name} ({PLACES})"
    return lambda record: cursor.execute(sql, tuple(record.values()))


def _insert_many(synchronous: str) -> Operation:
    cursor = connected(synchronous).cursor()
    sql = f"INSERT INTO {TABLE_WRITTEN} ({COLUMNS}) VALUES %s"

    def insert(records: Sequence[data.Record]) -> None:
        execute_values(cursor, sql, [tuple(each.values()) for each in records], page_size=len(records))

    return insert


def _copy(synchronous: str) -> Operation:
    cursor = connected(synchronous).cursor()

    def copy(records: Sequence[data.Record]) -> None:
        copy_into(cursor, TABLE_WRITTEN, [each.values() for each in records])

    return copy


def copy_into(cursor: Any, table: str, rows: Sequence[Any]) -> None:
    """COPY rows of plain texts and numbers."""
    lines = "\n".join(["\t".join(map(str, row)) for row in rows])
    cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(lines))
