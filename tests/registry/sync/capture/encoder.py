"""The other direction: pgoutput's messages made of what they say, for round trips."""

import datetime as dt
from collections.abc import Iterator, Sequence
from struct import pack
from typing import Any

from registry.sync.capture.messages import UNCHANGED, Change, Relation, Transaction

EPOCH = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def string(text: str) -> bytes:
    return text.encode() + b"\0"


def begin(transaction: Transaction) -> bytes:
    return b"B" + pack(">QqI", transaction.commit_lsn, micros(transaction), transaction.xid)


def commit(transaction: Transaction) -> bytes:
    return b"C" + pack(">BQQq", 0, transaction.commit_lsn, transaction.end_lsn, micros(transaction))


def micros(transaction: Transaction) -> int:
    return (transaction.committed_at - EPOCH) // dt.timedelta(microseconds=1)


def relation(told: Relation) -> bytes:
    columns = b"".join(
        bytes([column.is_key]) + string(column.name) + pack(">Ii", column.type_oid, column.type_modifier)
        for column in told.columns
    )
    head = b"R" + pack(">I", told.oid) + string(told.schema) + string(told.table)
    return head + told.replica_identity.encode() + pack(">h", len(told.columns)) + columns


def row(values: Sequence[Any], kind: bytes = b"t") -> bytes:
    """Values are bytes as they go over the wire, None or UNCHANGED."""
    body = pack(">h", len(values))
    for value in values:
        if value is None:
            body += b"n"
        elif value is UNCHANGED:
            body += b"u"
        else:
            raw = value.encode() if isinstance(value, str) else value
            body += kind + pack(">i", len(raw)) + raw
    return body


def change(told: Change) -> bytes:
    oid = pack(">I", told.relation.oid)
    if told.kind == "truncate":
        return b"T" + pack(">iB", 1, 0) + oid
    old = b"" if told.old is None else b"K" + row(told.old)
    new = b"" if told.new is None else b"N" + row(told.new)
    return {"insert": b"I", "update": b"U", "delete": b"D"}[told.kind] + oid + old + new


def messages(transaction: Transaction) -> Iterator[bytes]:
    yield begin(transaction)
    for oid in dict.fromkeys(each.relation.oid for each in transaction.changes):
        yield relation(next(each.relation for each in transaction.changes if each.relation.oid == oid))
    for each in transaction.changes:
        yield change(each)
    yield commit(transaction)
