"""PostgreSQL's tables and their collections, side by side: snapshot, stream, what ends between, beginning anew."""

import math
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Decimal128, Int64
from django.db import connection
from pymongo.read_concern import ReadConcern

from registry.documents.captured import CHECKPOINTS
from registry.documents.connection import Body, collection, database
from registry.sync.capture import document_snapshot, runner
from registry.sync.capture.documents import DocumentsConsumer
from registry.sync.capture.messages import CaptureError

from .conftest import Execute

pytestmark = pytest.mark.django_db(transaction=True)
TABLES = """
CREATE TABLE registry_live (id int PRIMARY KEY, name text, price numeric, ratio float8, run uuid, big text);
ALTER TABLE registry_live ALTER big SET STORAGE EXTERNAL;
CREATE TABLE registry_whole (a int, b text, v text, PRIMARY KEY (b, a));
ALTER TABLE registry_whole REPLICA IDENTITY FULL, ALTER v SET STORAGE EXTERNAL;
INSERT INTO registry_live SELECT g, E'a\\tb\\n\\\\' || g, g * 1.5, 'NaN', md5(g::text)::uuid, repeat('x', 3000)
    FROM generate_series(1, 20) g;
INSERT INTO registry_whole SELECT g, 'b' || g, NULL FROM generate_series(1, 5) g
"""
CHANGES = (
    "UPDATE registry_live SET name = 'touched' WHERE id <= 3",
    "UPDATE registry_live SET id = id + 100 WHERE id BETWEEN 4 AND 6",
    "DELETE FROM registry_live WHERE id = 7",
    "INSERT INTO registry_live (id, name) VALUES (50, NULL), (51, '\\N')",
    "UPDATE registry_whole SET v = repeat('y', 5000) WHERE a = 1",
    "UPDATE registry_whole SET b = 'other' WHERE a = 1",
    "DELETE FROM registry_whole WHERE a = 2",
)


@pytest.fixture
def live(mongo: object, execute: Execute) -> Iterator[DocumentsConsumer]:
    execute(TABLES)
    collection(CHECKPOINTS).delete_many({})
    made = DocumentsConsumer("live", ("registry_live", "registry_whole"))
    yield made
    runner.reset(made)
    for name in ("live", "whole"):
        database().drop_collection(f"cdc_{name}")
    execute("DROP TABLE IF EXISTS registry_live, registry_whole")


def assert_same() -> None:
    assert rows_of("registry_live") == documents_of("live")
    assert rows_of("registry_whole") == documents_of("whole")


def rows_of(table: str) -> list[Body]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY 1")  # noqa: S608 (a name of ours)
        names = [each[0] for each in cursor.description]
        return [
            {name: plain(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()
        ]


def documents_of(name: str) -> list[Body]:
    found = collection(f"cdc_{name}").find(sort=[("id" if name == "live" else "a", 1)])
    return [{key: plain(value) for key, value in row.items() if not key.startswith("_")} for row in found]


def plain(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    return value.hex if hasattr(value, "hex") and not isinstance(value, float) else value


def test_collections_follow_their_tables_through_every_kind_of_change(
    live: DocumentsConsumer, execute: Execute
) -> None:
    runner.catch_up(live)
    assert_same()
    for change in CHANGES:
        execute(change)
    applied = runner.catch_up(live)
    assert_same()
    assert (applied.transactions, applied.rows) == (7, 12)
    identity = collection("cdc_whole").find_one({"a": 1}, {"_id": 1})
    assert identity == {"_id": {"b": "other", "a": 1}}
    execute("TRUNCATE registry_live, registry_whole")
    execute("INSERT INTO registry_whole VALUES (9, 'after', NULL)")
    runner.catch_up(live)
    assert_same()


def test_a_snapshot_taken_anew_replaces_in_place_and_leaves_nothing_over(
    live: DocumentsConsumer, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.catch_up(live)
    runner.reset(live)
    collection("cdc_live").insert_many([{"_id": _id, "_lsn": Int64(1), "_schema": 1} for _id in ("a", "b")])
    execute("DELETE FROM registry_live WHERE id <= 15")
    execute("UPDATE registry_live SET name = 'changed unseen'")
    seen: list[int] = []
    monkeypatch.setattr(document_snapshot, "BATCH_ROWS", 5)
    monkeypatch.setattr(
        document_snapshot, "crash_point", lambda _: seen.append(collection("cdc_live").count_documents({}))
    )
    runner.catch_up(live)
    assert_same()
    assert (seen[0], live.position()) != (0, None)
    assert seen[0] == 22  # those that are gone stay until the copy of the table is through


def test_a_copy_that_dies_is_begun_again_and_what_was_deleted_meanwhile_does_not_come_back(
    live: DocumentsConsumer, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(document_snapshot, "crash_point", die)
        with pytest.raises(KeyboardInterrupt):
            runner.catch_up(live)
    assert (live.position(), len(documents_of("live"))) == (None, 20)
    assert live.notes() == ["copying registry_live: 20 of about 0 rows"]
    execute("DELETE FROM registry_live WHERE id <= 5")
    runner.catch_up(live)
    assert_same()


@pytest.mark.fault
def test_a_transaction_of_50_000_rows_is_seen_whole_or_not_at_all(
    live: DocumentsConsumer, execute: Execute
) -> None:
    runner.catch_up(live)
    execute("INSERT INTO registry_live (id, name) SELECT g, 'many' FROM generate_series(101, 50100) g")
    seen, stop = set(), threading.Event()

    def watch() -> None:
        while not stop.wait(0.05):
            with (
                database().client.start_session() as session,
                session.start_transaction(read_concern=ReadConcern("snapshot")),
            ):
                seen.add(collection("cdc_live").count_documents({}, session=session))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        runner.catch_up(live)
    finally:
        stop.set()
        thread.join()
    assert seen <= {20, 50_020}
    assert collection("cdc_live").count_documents({}) == 50_020


def test_columns_may_change_while_it_runs(live: DocumentsConsumer, execute: Execute) -> None:
    runner.catch_up(live)
    execute("ALTER TABLE registry_live ADD extra int DEFAULT 5, DROP price")
    execute("UPDATE registry_live SET extra = 6 WHERE id = 1")
    execute("ALTER TABLE registry_live RENAME big TO huge")
    execute("UPDATE registry_live SET name = 'late' WHERE id = 2")
    runner.catch_up(live)
    rows = {row["id"]: row for row in rows_of("registry_live")}
    found = {row["id"]: row for row in documents_of("live")}
    assert {1: {**rows[1], "big": rows[1]["huge"]}, 2: rows[2]} == {
        1: {**found[1], "huge": found[1]["big"]},
        2: found[2],
    }
    assert "price" in found[3]
    (form, _) = collection(CHECKPOINTS).find_one({"_id": "live"})["tables"]  # type: ignore[index]
    assert [each["what"] for each in form["changes"]] == ["added extra; dropped price", "big is now huge"]
    runner.reset(live)
    runner.catch_up(live)
    assert_same()


def test_a_table_that_is_no_longer_captured_leaves_no_documents(
    live: DocumentsConsumer, execute: Execute
) -> None:
    runner.catch_up(live)
    fewer = DocumentsConsumer("live", ("registry_live",))
    runner.catch_up(fewer)
    assert_same_live = rows_of("registry_live") == documents_of("live")
    assert (assert_same_live, documents_of("whole")) == (True, [])


def test_a_table_without_a_key_is_refused_by_name(live: DocumentsConsumer, execute: Execute) -> None:
    execute("ALTER TABLE registry_live DROP CONSTRAINT registry_live_pkey")
    with pytest.raises(CaptureError, match="registry_live has no primary key"):
        runner.catch_up(live)
    assert live.position() is None


def test_a_database_that_was_put_back_is_refused(live: DocumentsConsumer) -> None:
    runner.catch_up(live)
    collection(CHECKPOINTS).update_one({"_id": "live"}, {"$inc": {"lsn": 2**40}})
    with pytest.raises(runner.ChangesMissingError, match="was put back.*cdc reset --consumer live"):
        runner.catch_up(live)


def test_a_copy_that_is_overtaken_as_it_begins_writes_nothing(
    live: DocumentsConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.catch_up(live)

    def another_begins() -> str:
        document_snapshot.forgotten("live")
        return system

    system = document_snapshot.system_name()
    live.forget()
    with monkeypatch.context() as patch:
        patch.setattr(document_snapshot, "system_name", another_begins)
        with pytest.raises(CaptureError, match="Another process begins a copy"):
            runner.catch_up(live)
    runner.catch_up(live)
    assert_same()


def test_a_copy_whose_answers_are_lost_is_whole(
    live: DocumentsConsumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    once = document_snapshot.in_one_transaction

    def twice(writer: str, work: Any) -> object:
        once(writer, work)
        return once(writer, work)

    with monkeypatch.context() as patch:
        patch.setattr(document_snapshot, "in_one_transaction", twice)
        runner.catch_up(live)
    assert_same()


@pytest.mark.parametrize("kind", ["timestamptz", "int[]"])
def test_a_key_that_documents_can_not_have_is_refused_by_name(
    live: DocumentsConsumer, execute: Execute, *, kind: str
) -> None:
    execute(f"CREATE TABLE keyed (moment {kind} PRIMARY KEY)")
    try:
        with pytest.raises(CaptureError, match="The key of keyed has the column moment.*CAPTURED_TABLES"):
            runner.catch_up(DocumentsConsumer("live", ("registry_live", "keyed")))
    finally:
        execute("DROP TABLE keyed")
    assert live.position() is None
