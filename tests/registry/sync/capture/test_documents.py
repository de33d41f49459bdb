"""Transactions applied to collections, with their position, whole and once."""

import datetime as dt
import math
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest
from bson import Decimal128

from registry.documents import transactions
from registry.documents.captured import CHECKPOINTS
from registry.documents.connection import collection, database
from registry.sync.capture import documents as sink
from registry.sync.capture.checkpoint import OvertakenError, load
from registry.sync.capture.documents import DocumentsConsumer
from registry.sync.capture.messages import UNCHANGED, CaptureError, Change
from registry.sync.capture.row_documents import KeyChangedError
from registry.sync.targets import TargetUnavailableError

from .documents import (
    FLOAT,
    INT,
    NAME,
    NUMERIC,
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
)  # fmt: skip

pytestmark = pytest.mark.django_db


def test_values_have_mongodbs_types(consumer: DocumentsConsumer) -> None:
    columns = {
        "id": INT, "price": NUMERIC, "exact": NUMERIC, "ratio": FLOAT, "day": 1082, "clock": 1083, "at": 1184,
        "end": 1082, "run": 2950, "body": 3802, "deep": 3802, "ids": 2951, "raw": 17, "$odd": TEXT, "_lsn": TEXT, "none": 20,
    }  # fmt: skip
    relation = table(*columns.items(), name="typed")
    begin(THING, relation)
    run, huge = UUID("0123456789abcdef0123456789abcdef"), Decimal("1." + "7" * 40)
    row = (
        1, Decimal("1.50"), huge, math.nan, dt.date(2026, 1, 2), dt.time(3, 4), dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        "infinity", run, {"a.b": {"$c": 1}}, {"n": 2**70}, [run, None], b"\x00\x01", "x", "mine", None,
    )  # fmt: skip
    consumer.apply([transaction(20, insert(*row, relation=relation))])
    (found,) = collection("cdc_typed").find()
    assert math.isnan(found.pop("ratio"))
    assert found == {
        "_id": 1, "_lsn": 20, "_schema": 1, "id": 1, "price": Decimal128("1.50"), "exact": str(huge),
        "day": dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "clock": "03:04:00",
        "at": dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "end": "infinity", "run": run.hex, "body": {"a%2Eb": {"%24c": 1}},
        "deep": '{"n": 1180591620717411303424}', "ids": [run.hex, None], "raw": b"\x00\x01",
        "column_$odd": "x", "column__lsn": "mine", "none": None,
    }  # fmt: skip


def test_a_key_of_several_columns_is_a_sub_document(consumer: DocumentsConsumer) -> None:
    pair = table(("a", INT), ("b", TEXT), ("v", FLOAT), name="pair", key=("a", "b"))
    begin(pair)
    consumer.apply(
        [
            transaction(20, insert(1, "x", 0.5, relation=pair), insert(1, "y", 0.5, relation=pair)),
            transaction(
                30,
                update(1, "z", 0.7, old=(1, "y", None), relation=pair),
                delete(1, "x", None, relation=pair),
            ),
        ]
    )
    assert stored("pair") == [{"_id": {"a": 1, "b": "z"}, "a": 1, "b": "z", "v": 0.7}]


def test_many_transactions_leave_the_last_state_of_each_row(consumer: DocumentsConsumer) -> None:
    consumer.apply(
        [transaction(20, insert(1, "a", "A"), insert(2, "b", "B")), transaction(30, delete(2, None, None))]
    )
    consumer.apply([transaction(40, update(1, "a2", "A2"), insert(2, "new", None), update(2, "newer", None))])
    assert things() == [(1, "a2", "A2"), (2, "newer", None)]
    assert [row["_lsn"] for row in collection("cdc_thing").find().sort("_id")] == [40, 40]
    assert (checkpoint()["lsn"], checkpoint()["rows"], checkpoint()["transactions"]) == (40, 6, 3)
    assert checkpoint()["counts"] == {"insert": 3, "delete": 1, "update": 2}


def test_a_large_value_that_was_not_touched_stays(consumer: DocumentsConsumer) -> None:
    consumer.apply(
        [transaction(20, insert(1, "a", "big"), insert(2, "b", "large"), update(2, "b2", UNCHANGED))]
    )
    consumer.apply([transaction(30, update(1, "a2", UNCHANGED)), transaction(40, update(1, "a3", UNCHANGED))])
    assert things() == [(1, "a3", "big"), (2, "b2", "large")]


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_row_that_gets_another_key_takes_its_untouched_values_along(
    consumer: DocumentsConsumer, *, is_one_batch: bool
) -> None:
    steps = [
        transaction(20, insert(1, "a", "big")),
        transaction(30, update(1, "a2", UNCHANGED)),
        transaction(40, update(5, "a3", UNCHANGED, old=(1, None, None))),
    ]
    if is_one_batch:
        consumer.apply(steps[:1])
        consumer.apply(steps[1:])
    else:
        for step in steps:
            consumer.apply([step])
    assert things() == [(5, "a3", "big")]


def test_keys_that_are_swapped_in_one_transaction(consumer: DocumentsConsumer) -> None:
    consumer.apply([transaction(20, insert(1, "a", "A"), insert(2, "b", "B"))])
    moves = [((1, None, None), 9, "a"), ((2, None, None), 1, "b"), ((9, None, None), 2, "a")]
    consumer.apply([transaction(30, *[update(key, name, UNCHANGED, old=old) for old, key, name in moves])])
    assert things() == [(1, "b", "B"), (2, "a", "A")]


def test_an_emptied_table_is_empty_but_for_what_came_after(consumer: DocumentsConsumer) -> None:
    consumer.apply([transaction(20, insert(1, "a", None), insert(2, "b", None))])
    consumer.apply([transaction(30, insert(3, "c", None), truncate(), insert(1, "again", None))])
    assert things() == [(1, "again", None)]


def test_what_comes_again_changes_nothing(consumer: DocumentsConsumer) -> None:
    first, second = transaction(20, insert(1, "a", None)), transaction(30, update(1, "b", None))
    consumer.apply([first, second])
    before = checkpoint()
    consumer.apply([first, second])
    assert checkpoint() == before
    consumer.apply([second, transaction(40, delete(1, None, None))])
    assert (things(), checkpoint()["rows"]) == ([], 3)


def test_changes_that_the_snapshot_shows_are_not_applied_again(consumer: DocumentsConsumer) -> None:
    collection(CHECKPOINTS).update_one({"_id": NAME}, {"$set": {"tables.0.since": 25}})
    consumer.apply([transaction(20, insert(1, "a", None)), transaction(30, insert(2, "b", None))])
    assert things() == [(2, "b", None)]


def test_one_without_changes_moves_the_position_on(consumer: DocumentsConsumer) -> None:
    consumer.apply([transaction(20)])
    position = consumer.position()
    assert position is not None
    assert (position.lsn, position.transactions) == (20, 0)


def test_long_batches_are_split_between_transactions_only(
    consumer: DocumentsConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sink, "MOST_ROWS", 2)
    first = transaction(20, insert(1, "a", None), insert(2, "b", None))
    consumer.apply([first, transaction(30, delete(1, None, None)), transaction(40, insert(3, "c", None))])
    assert (things(), checkpoint()["transactions"]) == ([(2, "b", None), (3, "c", None)], 3)


def test_without_a_whole_snapshot_nothing_is_applied(consumer: DocumentsConsumer) -> None:
    consumer.forget()
    with pytest.raises(CaptureError, match="snapshot is not whole.*cdc reset"):
        consumer.apply([transaction(20, insert(1, "a", None))])
    begun = load(NAME)
    assert begun is not None
    with pytest.raises(TypeError):
        begun.after([], {}, {})


def test_changes_of_another_postgresql_are_refused(consumer: DocumentsConsumer) -> None:
    collection(CHECKPOINTS).update_one({"_id": NAME}, {"$set": {"system": "another"}})
    with pytest.raises(CaptureError, match="no checkpoint of this PostgreSQL.*cdc reset"):
        consumer.apply([transaction(20, insert(1, "a", None))])
    assert things() == []


def test_a_change_without_its_row_is_no_change(consumer: DocumentsConsumer) -> None:
    with pytest.raises(TypeError, match="lacks the row"):
        consumer.apply([transaction(20, Change("delete", THING, None, None))])


def test_a_process_that_was_replaced_while_it_slept_writes_nothing(
    consumer: DocumentsConsumer,
) -> None:
    sleeper = DocumentsConsumer(NAME)
    sleeper.apply([transaction(15)])
    consumer.apply([transaction(20, insert(1, "a", None)), transaction(30, update(1, "b", None))])
    with pytest.raises(OvertakenError):
        sleeper.apply([transaction(20, insert(1, "a", None))])
    assert things() == [(1, "b", None)]


def test_a_commit_that_was_done_and_not_told_is_recognised(
    consumer: DocumentsConsumer,
) -> None:
    other, step = DocumentsConsumer(NAME), transaction(20, insert(1, "a", None))
    for each in (consumer, other):
        each.apply([transaction(15)])
    consumer.apply([step])
    other.apply([step])
    assert (things(), checkpoint()["rows"]) == ([(1, "a", None)], 1)


@pytest.fixture
def warm(consumer: DocumentsConsumer, monkeypatch: pytest.MonkeyPatch) -> DocumentsConsumer:
    """One that knows its checkpoint, and does not wait for long."""
    consumer.apply([])
    monkeypatch.setattr(transactions, "PATIENCE_SECONDS", 0.1)
    return consumer


def test_mongodb_away_is_waited_for(warm: DocumentsConsumer, mongodb_away: Callable[[], None]) -> None:
    step = transaction(20, insert(1, "a", None))
    for _ in range(2):  # the second time it asks for its checkpoint first
        with pytest.raises(TargetUnavailableError):
            warm.apply([step])
    mongodb_away()
    warm.apply([step])
    assert things() == [(1, "a", None)]


def test_a_writer_without_a_predecessor_begins(consumer: DocumentsConsumer) -> None:
    transactions._sessions.pop(NAME, None)
    collection(transactions.WRITERS).delete_one({"_id": NAME})
    consumer.apply([transaction(20, insert(1, "a", None))])
    assert things() == [(1, "a", None)]


def test_a_conflict_of_writes_is_tried_again_until_the_other_is_through(consumer: DocumentsConsumer) -> None:
    consumer.apply([transaction(20, insert(1, "a", None))])
    with database().client.start_session() as other:
        other.start_transaction()
        collection("cdc_thing").update_one({"_id": 1}, {"$set": {"name": "in the way"}}, session=other)
        release = threading.Timer(0.2, other.abort_transaction)
        release.start()
        consumer.apply([transaction(30, update(1, "b", None))])
        release.join()
    assert (things(), checkpoint()["rows"]) == ([(1, "b", None)], 2)


def test_a_transaction_that_a_dead_process_left_open_is_ended_by_its_successor(
    consumer: DocumentsConsumer,
) -> None:
    consumer.apply([transaction(20, insert(1, "a", None))])
    _, dead = transactions._sessions.pop(NAME)
    dead.start_transaction()
    collection("cdc_thing").update_one({"_id": 1}, {"$set": {"name": "half"}}, session=dead)
    began = time.monotonic()
    DocumentsConsumer(NAME).apply([transaction(30, update(1, "b", None))])
    assert time.monotonic() - began < 10  # MongoDB itself would wait for a minute
    assert things() == [(1, "b", None)]


def test_a_table_that_changes_its_columns_goes_on_and_its_rows_say_which_form_they_have(
    consumer: DocumentsConsumer,
) -> None:
    consumer.apply([transaction(20, insert(1, "a", "big"), insert(2, "b", "large"))])
    later = table(("id", INT), ("title", TEXT), ("big", NUMERIC), ("extra", TEXT))
    renamed = table(("id", INT), ("title", TEXT), ("big", TEXT))
    consumer.apply([transaction(30, update(1, "a2", UNCHANGED, relation=renamed))])
    consumer.apply([transaction(40, insert(3, "c", Decimal(1), "new", relation=later))])
    assert stored() == [
        {"_id": 1, "id": 1, "title": "a2", "big": "big"},
        {"_id": 2, "id": 2, "name": "b", "big": "large"},
        {"_id": 3, "id": 3, "title": "c", "big": Decimal128("1"), "extra": "new"},
    ]
    assert [row["_schema"] for row in collection("cdc_thing").find().sort("_id")] == [2, 1, 3]
    (form,) = checkpoint()["tables"]
    assert [change["what"] for change in form["changes"]] == [
        "name is now title",
        "added extra; big was text, is numeric",
    ]
    assert consumer.notes() == [
        "thing: name is now title (rows not written since have _schema < 2)",
        "thing: added extra; big was text, is numeric (rows not written since have _schema < 3)",
    ]


def test_an_untouched_value_of_a_renamed_column_is_found_under_its_old_name(
    consumer: DocumentsConsumer,
) -> None:
    consumer.apply([transaction(20, insert(1, "a", "big"), insert(2, "b", "large"))])
    renamed = table(("id", INT), ("name", TEXT), ("huge", TEXT))
    consumer.apply(
        [
            transaction(30, update(1, "a2", UNCHANGED, relation=renamed)),
            transaction(40, update(5, "b2", UNCHANGED, old=(2, None, None), relation=renamed)),
        ]
    )
    assert [row["huge"] for row in stored()] == ["big", "large"]
    assert all("big" not in row for row in stored())


def test_another_key_is_refused_before_anything_is_written(consumer: DocumentsConsumer) -> None:
    other = table(("id", INT), ("name", TEXT), ("big", TEXT), key=("name",))
    with pytest.raises(KeyChangedError, match="named by id and are by name now.*cdc reset"):
        consumer.apply(
            [transaction(20, insert(1, "a", None)), transaction(30, insert(2, "b", None, relation=other))]
        )
    assert (things(), checkpoint()["lsn"]) == ([], 10)


def test_a_table_without_a_snapshot_is_refused(consumer: DocumentsConsumer) -> None:
    with pytest.raises(CaptureError, match="no snapshot: manage.py cdc reset"):
        consumer.apply([transaction(20, insert(1, relation=table(("id", INT), name="late")))])


def test_rows_that_no_document_can_hold_are_told_and_do_not_stop_the_rest(
    consumer: DocumentsConsumer,
) -> None:
    consumer.apply(
        [transaction(20, insert(1, "a", "x" * 17_000_000), insert(2, "b", None), delete(3, None, None))]
    )
    consumer.apply([transaction(30, update(1, "a2", UNCHANGED))])
    assert things()[1] == (2, "b", None)
    assert "16.2 MB" in stored()[0]["_refused"]
    assert checkpoint()["counts"]["refused"] == 1
    assert consumer.notes() == ["1 rows pass MongoDB's limits: see _refused"]


def test_a_document_in_the_way_of_a_new_row_is_replaced(consumer: DocumentsConsumer) -> None:
    collection("cdc_thing").insert_one(
        {"_id": 1, "_lsn": 5, "_schema": 1, "name": "left behind"}, bypass_document_validation=True
    )
    consumer.apply([transaction(20, insert(1, "a", None))])
    assert things() == [(1, "a", None)]


def test_an_update_without_a_document_to_update_is_counted(consumer: DocumentsConsumer) -> None:
    consumer.apply([transaction(20, update(1, "a", UNCHANGED))])
    assert (things(), checkpoint()["counts"]) == ([], {"update": 1, "unfound": 1})
    assert "1 updates found no document" in consumer.notes()[0]


def test_a_commit_that_was_not_told_is_not_done_again_from_what_it_left(consumer: DocumentsConsumer) -> None:
    consumer.apply([transaction(20, insert(1, "a", "large"))])
    other = DocumentsConsumer(NAME)
    other.apply([])
    step = transaction(30, update(2, "a", UNCHANGED, old=(1, None, None)), insert(1, "new", "other"))
    for each in (consumer, other):
        each.apply([step])
        assert (things(), checkpoint()["rows"]) == ([(1, "new", "other"), (2, "a", "large")], 3)
    other.apply([transaction(40, update(2, "b", UNCHANGED))])
    assert things() == [(1, "new", "other"), (2, "b", "large")]
