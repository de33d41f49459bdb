"""Transactions too large for one of MongoDB: written in pieces, finished after a death, bounded in bytes."""

from collections.abc import Callable

import pytest

from registry.documents.captured import MOVED
from registry.documents.connection import collection
from registry.sync.capture import document_pieces as pieces
from registry.sync.capture import documents as sink
from registry.sync.capture.checkpoint import OvertakenError
from registry.sync.capture.documents import DocumentsConsumer
from registry.sync.capture.messages import UNCHANGED

from .documents import (
    INT,
    NAME,
    TEXT,
    THING,
    begin,
    checkpoint,
    delete,
    insert,
    stored,
    table,
    things,
    transaction,
    truncate,
    update,
)

pytestmark = pytest.mark.django_db


def test_a_transaction_of_too_many_rows_is_written_in_pieces_and_finished_after_a_death(
    consumer: DocumentsConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "MOST_ROWS", 5)
    monkeypatch.setattr(pieces, "PIECE_ROWS", 2)
    consumer.apply([transaction(20, insert(1, "a", "big"), insert(2, "b", "B"))])
    changes = [update(9, "moved", UNCHANGED, old=(1, None, None))]
    changes += [insert(number, "new", None) for number in range(10, 16)]
    passes: list[str] = []

    def die(point: str) -> None:
        passes.append(point)
        if len(passes) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(pieces, "crash_point", die)
        with pytest.raises(KeyboardInterrupt):
            consumer.apply([transaction(30, *changes)])
    assert checkpoint()["lsn"] == 20
    consumer.apply([transaction(30, *changes)])
    expected = [(2, "b", "B"), (9, "moved", "big"), *[(number, "new", None) for number in range(10, 16)]]
    assert (things(), checkpoint()["lsn"]) == (expected, 30)
    consumer.apply([transaction(40, truncate(), *[insert(number, "last", None) for number in range(3, 9)])])
    assert things() == [(number, "last", None) for number in range(3, 9)]
    sleeper = DocumentsConsumer(NAME)
    sleeper.apply([])
    consumer.apply([transaction(50, delete(3, None, None))])
    with pytest.raises(OvertakenError):
        sleeper.apply([transaction(50, *[delete(number, None, None) for number in range(3, 9)])])
    assert len(things()) == 5


@pytest.fixture
def death(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Pieces of one row; the next consumer dies after its second one."""
    monkeypatch.setattr(pieces, "PIECE_ROWS", 1)
    passes: list[str] = []

    def die(point: str) -> None:
        passes.append(point)
        if len(passes) == 2:
            raise KeyboardInterrupt

    return lambda: monkeypatch.setattr(pieces, "crash_point", die)


@pytest.mark.parametrize("reason", ["bytes", "truncate"])
def test_what_rows_take_along_is_kept_while_a_transaction_is_written_in_pieces(
    consumer: DocumentsConsumer, death: Callable[[], None], monkeypatch: pytest.MonkeyPatch, *, reason: str
) -> None:
    other = table(("id", INT), ("name", TEXT), name="large")
    begin(THING, other)
    rows = [insert(number, "x", relation=other) for number in range(4)]
    consumer.apply([transaction(20, insert(1, "a", "large"), insert(2, "b", "huge"), *rows)])
    swapped = [((1, None, None), 9, "a"), ((2, None, None), 1, "b"), ((9, None, None), 2, "a")]
    changes = [update(key, name, UNCHANGED, old=old) for old, key, name in swapped]
    step = transaction(30, *changes, size_bytes=2**30)
    if reason == "truncate":
        monkeypatch.setattr(sink, "MOST_ROWS", 7)
        step = transaction(30, truncate(relation=other), *changes, insert(9, "new", "new"))
    death()
    with pytest.raises(KeyboardInterrupt):
        consumer.apply([step])
    assert (checkpoint()["lsn"], collection(MOVED).count_documents({})) == (20, 2)
    consumer.apply([step])
    assert things()[:2] == [(1, "b", "huge"), (2, "a", "large")]
    assert (checkpoint()["lsn"], collection(MOVED).count_documents({})) == (30, 0)
    assert len(stored("large")) == (4 if reason == "bytes" else 0)


def test_pieces_are_bounded_in_rows_and_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE_ROWS", 3)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 100)
    bodies = [{"_id": 1}, None, {"_id": 2**70}, {"_id": 2}, {"x": "y" * 90}, {"x": "y" * 200}, None]
    assert [len(piece) for piece in pieces.in_pieces(bodies, lambda body: body)] == [3, 1, 1, 1, 1]
    assert list(pieces.in_pieces([], lambda body: body)) == []


def test_a_large_table_is_emptied_in_pieces(
    consumer: DocumentsConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "MOST_ROWS", 5)
    monkeypatch.setattr(pieces, "PIECE_ROWS", 2)
    for begun in (0, 3):
        rows = [insert(number, "x", None) for number in range(begun, begun + 3)]
        consumer.apply([transaction(20 + begun, *rows)])
    consumer.apply([transaction(30, truncate(), insert(4, "y", None)), transaction(40, insert(5, "z", None))])
    assert (things(), checkpoint()["transactions"]) == ([(4, "y", None), (5, "z", None)], 4)
