"""Transactions made by hand for the documents consumer, and what MongoDB has of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from registry.documents.captured import CHECKPOINTS, create_for
from registry.documents.connection import Body, collection
from registry.sync.capture.checkpoint import Checkpoint
from registry.sync.capture.consumers import Position
from registry.sync.capture.document_snapshot import system_name
from registry.sync.capture.messages import Change, Column, Relation, Transaction
from registry.sync.capture.table_forms import TableForm, columns_of

NAME = "by_hand"
AT = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)
INT, TEXT, FLOAT, NUMERIC = 23, 25, 701, 1700


def table(*columns: tuple[str, int], name: str = "thing", key: Sequence[str] = ("id",)) -> Relation:
    made = tuple(Column(column, oid, -1, column in key) for column, oid in columns)
    return Relation(7, "public", name, "d", made)


THING = table(("id", INT), ("name", TEXT), ("big", TEXT))


def insert(*row: Any, relation: Relation = THING) -> Change:
    return Change("insert", relation, None, row)


def update(*row: Any, old: tuple[Any, ...] | None = None, relation: Relation = THING) -> Change:
    return Change("update", relation, old, row)


def delete(*old: Any, relation: Relation = THING) -> Change:
    return Change("delete", relation, old, None)


def truncate(relation: Relation = THING) -> Change:
    return Change("truncate", relation, None, None)


def transaction(lsn: int, *changes: Change, size_bytes: int = 0) -> Transaction:
    return Transaction(lsn, lsn - 1, lsn, AT, changes, size_bytes)


def begin(*relations: Relation, lsn: int = 10) -> None:
    """As after a snapshot of empty tables."""
    forms = {}
    for relation in relations:
        key = tuple(column.name for column in relation.columns if column.is_key)
        forms[relation.table] = TableForm(key, columns_of(relation), since=lsn)
        collection(create_for(relation.table)).delete_many({})
    begun = Checkpoint(NAME, 1, system_name(), Position(lsn), forms, {"others": []})
    collection(CHECKPOINTS).replace_one({"_id": NAME}, begun.stored(), upsert=True)


def stored(name: str = "thing") -> list[Body]:
    """Rows by key, without what the capture adds."""
    found = collection(f"cdc_{name}").find(sort=[("_id", 1)])
    return [{key: value for key, value in row.items() if key not in ("_lsn", "_schema")} for row in found]


def things() -> list[tuple[Any, ...]]:
    return [(row["_id"], row.get("name"), row.get("big")) for row in stored()]


def checkpoint() -> Body:
    found = collection(CHECKPOINTS).find_one({"_id": NAME})
    assert found is not None
    return found
