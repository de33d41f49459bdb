"""The decoder of pgoutput, PostgreSQL's own output of logical replication, protocol version 1.

Fed with messages as they come, it gives back whole transactions. Everything that version 1 knows is
understood, text and binary values; what later versions add (parts of a transaction that is still
running, two-phase commits) comes only where a subscriber asks for it, and is refused by its name.
Bytes that are no message end in a :class:`DecodeError`, never in another exception.
"""

import datetime as dt
from collections.abc import Callable
from struct import Struct, error
from typing import Any, Final, NamedTuple

from .binary_values import binary_converter
from .messages import UNCHANGED, Change, Column, DecodeError, Relation, Transaction
from .values import Convert, converter

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
BEGIN, COMMIT, RELATION_HEAD = Struct(">QqI"), Struct(">BQQq"), Struct(">I")
COLUMN, TRUNCATE, MESSAGE_HEAD = Struct(">Ii"), Struct(">iB"), Struct(">BQ")
UINT32, INT32, INT16, INT64 = Struct(">I"), Struct(">i"), Struct(">h"), Struct(">Q")
NULL, UNCHANGED_MARK, TEXT, BINARY = b"nutb"
LATER: Final = {
    b"S": "Stream Start", b"E": "Stream Stop", b"c": "Stream Commit", b"A": "Stream Abort",
    b"b": "Begin Prepare", b"P": "Prepare", b"K": "Commit Prepared", b"r": "Rollback Prepared",
    b"p": "Stream Prepare",
}  # fmt: skip
# What reading bytes that say anything at all may raise: each is told as a DecodeError.
MALFORMED = (error, ValueError, ArithmeticError, LookupError, TypeError, RecursionError, MemoryError)


class _Table(NamedTuple):
    relation: Relation
    from_text: tuple[Convert, ...]
    from_binary: tuple[Convert, ...]


class Decoder:
    """Turns messages into transactions. After an error it is of no use: begin again with another.

    It knows a table's columns from the message that precedes the table's first change, and again
    after the table was altered; each change carries the columns that were true for it.
    """

    def __init__(self) -> None:
        self._tables: dict[int, _Table] = {}
        self._begun: tuple[int, int, int] | None = None
        self._changes: list[Change] = []
        self._size = 0
        self._readers: dict[bytes, Callable[[bytes], Transaction | None]] = {
            b"B": self._begin, b"C": self._commit, b"R": self._relation, b"I": self._insert,
            b"U": self._update, b"D": self._delete, b"T": self._truncate, b"Y": _type,
            b"O": _origin, b"M": _logical_message,
        }  # fmt: skip

    @property
    def is_between_transactions(self) -> bool:
        """Whether no transaction is half read."""
        return self._begun is None

    def feed(self, message: bytes) -> Transaction | None:
        """Take one message; returns the transaction that it completes, if it does.

        Raises:
            DecodeError: it is malformed, out of its place, or of a kind that was not asked for.
        """
        reader = self._readers.get(message[:1])
        if reader is None:
            raise DecodeError(_unknown(message[:1]))
        try:
            return reader(message)
        except MALFORMED as reason:
            raise DecodeError(f"A malformed message {message[:1]!r}: {reason}") from reason

    def _begin(self, body: bytes) -> None:
        _whole(body, 1 + BEGIN.size)
        if self._begun is not None:
            raise DecodeError("A transaction begins inside another.")
        self._begun = BEGIN.unpack_from(body, 1)

    def _commit(self, body: bytes) -> Transaction:
        _whole(body, 1 + COMMIT.size)
        flags, commit_lsn, end_lsn, micros = COMMIT.unpack_from(body, 1)
        if self._begun is None or self._begun[0] != commit_lsn or flags or end_lsn < commit_lsn:
            raise DecodeError("A commit that fits no begin.")
        xid, changes, size = self._begun[2], tuple(self._changes), self._size
        at = EPOCH + dt.timedelta(microseconds=micros)
        self._begun, self._changes, self._size = None, [], 0
        return Transaction(xid, commit_lsn, end_lsn, at, changes, size)

    def _relation(self, body: bytes) -> None:
        (oid,) = RELATION_HEAD.unpack_from(body, 1)
        schema, place = _string(body, 5)
        table, place = _string(body, place)
        identity = chr(body[place])
        (count,) = INT16.unpack_from(body, place + 1)
        place += 3
        columns = []
        for _ in range(_counted(count)):
            flags = body[place]
            name, place = _string(body, place + 1)
            type_oid, modifier = COLUMN.unpack_from(body, place)
            columns.append(Column(name, type_oid, modifier, bool(flags & 1)))
            place += COLUMN.size
        _whole(body, place)
        relation = Relation(oid, schema or "pg_catalog", table, identity, tuple(columns))
        self._tables[oid] = _Table(
            relation,
            tuple(converter(column.type_oid) for column in columns),
            tuple(binary_converter(column.type_oid) for column in columns),
        )

    def _insert(self, body: bytes) -> None:
        table = self._table(body)
        new, place = _row(body, 5, b"N", table)
        self._add(body, place, Change("insert", table.relation, None, new))

    def _update(self, body: bytes) -> None:
        table = self._table(body)
        old, place = (None, 5) if body[5:6] == b"N" else _row(body, 5, b"KO", table)
        new, place = _row(body, place, b"N", table)
        self._add(body, place, Change("update", table.relation, old, new))

    def _delete(self, body: bytes) -> None:
        table = self._table(body)
        old, place = _row(body, 5, b"KO", table)
        self._add(body, place, Change("delete", table.relation, old, None))

    def _truncate(self, body: bytes) -> None:
        count, _options = TRUNCATE.unpack_from(body, 1)
        _whole(body, 1 + TRUNCATE.size + 4 * _counted(count))
        for place in range(1 + TRUNCATE.size, len(body), 4):
            relation = self._table(body, place).relation
            self._add(body, len(body), Change("truncate", relation, None, None))

    def _table(self, body: bytes, place: int = 1) -> _Table:
        (oid,) = UINT32.unpack_from(body, place)
        table = self._tables.get(oid)
        if table is None:
            raise DecodeError(f"A change of table {oid}, which was not told of.")
        return table

    def _add(self, body: bytes, end: int, change: Change) -> None:
        _whole(body, end)
        if self._begun is None:
            raise DecodeError("A change outside of a transaction.")
        self._changes.append(change)
        self._size += end


def _row(body: bytes, place: int, marks: bytes, table: _Table) -> tuple[tuple[Any, ...], int]:
    """A row after one of the marks, and where it ends."""
    (count,) = INT16.unpack_from(body, place + 1)
    if body[place] not in marks or count != len(table.from_text):
        raise DecodeError(f"A row that does not fit the table {table.relation.table}.")
    place += 3
    values: list[Any] = []
    for column in range(count):
        kind = body[place]
        place += 1
        if kind in (TEXT, BINARY):
            (size,) = INT32.unpack_from(body, place)
            place += 4
            raw = body[place : place + size]
            if size < 0 or len(raw) != size:
                raise DecodeError("A value that is longer than its message.")
            convert = table.from_text[column] if kind == TEXT else table.from_binary[column]
            values.append(convert(raw))
            place += size
        elif kind == NULL:
            values.append(None)
        elif kind == UNCHANGED_MARK:
            values.append(UNCHANGED)
        else:
            raise DecodeError(f"A value of unknown kind {kind}.")
    return tuple(values), place


def _string(body: bytes, place: int) -> tuple[str, int]:
    end = body.index(0, place)
    return body[place:end].decode(), end + 1


def _counted(count: int) -> int:
    if count < 0:
        raise DecodeError("A negative count.")
    return count


def _whole(body: bytes, end: int) -> None:
    if len(body) != end:
        raise DecodeError(f"A message {body[:1]!r} of {len(body)} bytes that should have {end}.")


def _type(body: bytes) -> None:
    """The name of a type of somebody's own; its values come as text, so nothing is kept of it."""
    UINT32.unpack_from(body, 1)
    _, place = _string(body, 5)
    _, place = _string(body, place)
    _whole(body, place)


def _origin(body: bytes) -> None:
    """Where a transaction that was itself replicated came from."""
    INT64.unpack_from(body, 1)
    _, place = _string(body, 9)
    _whole(body, place)


def _logical_message(body: bytes) -> None:
    """A message of ``pg_logical_emit_message``: ours carry nothing but the transaction around them."""
    MESSAGE_HEAD.unpack_from(body, 1)
    _, place = _string(body, 1 + MESSAGE_HEAD.size)
    (size,) = INT32.unpack_from(body, place)
    _whole(body, place + 4 + _counted(size))


def _unknown(kind: bytes) -> str:
    if name := LATER.get(kind):
        return f"A message {name} of a later protocol, which was not asked for."
    return f"A message of the unknown kind {kind!r}."
