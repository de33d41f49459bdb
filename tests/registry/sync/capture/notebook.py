"""A consumer whose store is an object of the test."""

import threading
from collections.abc import Sequence
from typing import Any

from django.db import connection

from registry.sync.capture.consumers import Position, Snapshot
from registry.sync.capture.messages import Change, Transaction


def new_row(change: Change) -> tuple[Any, ...]:
    assert change.new is not None
    return change.new


class Notebook:
    """A consumer whose store is this object: ids by transaction, and the position beside them."""

    name, title, is_cheap_to_begin = "notebook", "A notebook", False

    def __init__(self) -> None:
        self.tables: Sequence[str] = ("shape",)
        self.kept: Position | None = None
        self.copied: list[int] = []
        self.seen: list[list[int]] = []
        self.trouble: list[Exception] = []
        self.heard = threading.Event()

    def position(self) -> Position | None:
        return self.kept

    def snapshot(self, snapshot: Snapshot) -> None:
        other = connection.copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SET TRANSACTION SNAPSHOT %s", [snapshot.name])
                cursor.execute("SELECT id FROM shape ORDER BY id")
                self.copied = [row[0] for row in cursor.fetchall()]
        finally:
            other.close()
        self.seen, self.kept = [], Position(snapshot.lsn)

    def apply(self, transactions: Sequence[Transaction]) -> None:
        if self.trouble:
            raise self.trouble.pop()
        assert self.kept is not None
        self.seen += [
            [new_row(change)[0] for change in each.changes] for each in transactions if each.changes
        ]
        self.kept = self.kept.after(transactions)
        self.heard.set()

    def forget(self) -> None:
        self.kept = None
