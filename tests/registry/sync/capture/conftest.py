"""A stream of the tests' own database; slots belong to the whole server, so each test drops its own."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from registry.sync.capture import publication, runner, slots
from registry.sync.capture.connection import slot_name
from registry.sync.capture.consumers import CONSUMERS
from registry.sync.capture.documents import DocumentsConsumer
from registry.sync.capture.messages import Transaction
from registry.sync.capture.stream import beat, open_stream

from .documents import NAME, THING, begin
from .notebook import Notebook

SHAPES = """
CREATE TABLE shape (
    id int PRIMARY KEY, name text, size numeric, body jsonb, at timestamptz, key uuid, marks int[],
    words text[], raw bytea, ratio float8
)
"""
Execute = Callable[..., None]
Captured = Callable[[], list[Transaction]]


def until_confirmed(consumer: str, lsn: int) -> None:
    """Wait for the server to note what was confirmed: it does so a moment after it was told."""
    name = slot_name(consumer)
    for _ in range(1_000):
        if slots.slot_states([name])[name].confirmed_lsn >= lsn:
            return
        time.sleep(0.02)
    pytest.fail("The slot did not move on.")


@pytest.fixture
def execute(transactional_db: None) -> Callable[..., None]:
    def run(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, list(values) or None)

    return run


@pytest.fixture
def captured(execute: Callable[..., None]) -> Iterator[Captured]:
    """A table ``shape`` with a slot; the value reads what was committed since it was last called."""
    slot, name = slot_name("test"), "mlp_test"
    slots.drop_slot(slot)
    execute(SHAPES)
    publication.publish(name, ["shape"])
    with slots.create_slot(slot) as snapshot:
        kept = [snapshot.lsn]

    def read() -> list[Transaction]:
        until, found = beat(), []
        with open_stream(slot, name, kept[0]) as stream:
            for transaction in stream.transactions(idle_seconds=60):
                found.append(transaction)
                if transaction.end_lsn > until:
                    break
            kept[0] = found[-1].end_lsn
            stream.confirm(kept[0])
        return [each for each in found if each.changes]

    yield read
    slots.drop_slot(slot)
    publication.unpublish(name)
    execute("DROP TABLE shape")


@pytest.fixture
def notebook(execute: Execute, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """The only consumer: it wants the table ``shape``."""
    for name in list(CONSUMERS):
        monkeypatch.delitem(CONSUMERS, name)
    execute("CREATE TABLE shape (id int PRIMARY KEY)")
    execute("CREATE TABLE other (id int PRIMARY KEY)")
    made = Notebook()
    monkeypatch.setitem(CONSUMERS, made.name, made)
    yield made
    runner.reset(made)
    execute("DROP TABLE shape, other")


@pytest.fixture
def consumer(mongo: object) -> DocumentsConsumer:
    """Of a table ``thing``, empty at first."""
    begin(THING)
    return DocumentsConsumer(NAME, ("thing",))
