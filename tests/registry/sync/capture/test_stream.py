"""What the stream tells of a real server's commits."""

import datetime as dt
import itertools
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from registry.sync.capture import stream
from registry.sync.capture.connection import reading_connection, slot_name
from registry.sync.capture.messages import UNCHANGED, Change

from .conftest import Captured, until_confirmed
from .notebook import new_row

pytestmark = pytest.mark.django_db(transaction=True)
Execute = Callable[..., None]


def test_insert_update_delete_come_as_they_were_made(captured: Captured, execute: Execute) -> None:
    execute("INSERT INTO shape (id, name) VALUES (1, 'round')")
    execute("UPDATE shape SET name = 'square' WHERE id = 1")
    execute("DELETE FROM shape WHERE id = 1")
    changes = [each.changes[0] for each in captured()]
    assert [change.kind for change in changes] == ["insert", "update", "delete"]
    assert [new_row(change)[:2] for change in changes[:2]] == [(1, "round"), (1, "square")]
    assert changes[1].old is None
    assert changes[2].old == (1, *[None] * 9)
    assert changes[0].relation.key == (0,)


def test_an_update_of_the_key_tells_the_old_one(captured: Captured, execute: Execute) -> None:
    execute("INSERT INTO shape (id) VALUES (1)")
    execute("UPDATE shape SET id = 2")
    _, update = captured()
    assert update.changes[0].old == (1, *[None] * 9)
    assert update.changes[0].new == (2, *[None] * 9)


def test_a_truncate_comes_with_its_table(captured: Captured, execute: Execute) -> None:
    execute("TRUNCATE shape")
    (only,) = captured()
    assert [(change.kind, change.relation.table) for change in only.changes] == [("truncate", "shape")]


def test_a_large_value_left_alone_comes_as_unchanged(captured: Captured, execute: Execute) -> None:
    execute("ALTER TABLE shape ALTER name SET STORAGE EXTERNAL")
    execute("INSERT INTO shape (id, name) VALUES (1, repeat('x', 10000))")
    execute("UPDATE shape SET size = 2")
    insert, update = captured()
    assert new_row(insert.changes[0])[1] == "x" * 10_000
    assert new_row(update.changes[0])[:3] == (1, UNCHANGED, Decimal(2))


ROW = (
    "INSERT INTO shape VALUES (1, 'é', 1.10, '{\"a\": [1, 12345678901234567890123]}',"
    " '2026-11-21 12:00:00.5+02', '0b8f6b9e-6f5b-4a53-9f9e-2d9f6c3f1a10', '{{1,NULL},{3,4}}',"
    ' \'{"a b","NULL",NULL,"q\\""}\', \'\\xdeadbeef\', \'NaN\')'
)
VALUES = {
    "id": 1,
    "name": "é",
    "size": Decimal("1.10"),
    "body": {"a": [1, 12345678901234567890123]},
    "at": dt.datetime(2026, 11, 21, 10, 0, 0, 500_000, tzinfo=dt.UTC),
    "key": UUID("0b8f6b9e-6f5b-4a53-9f9e-2d9f6c3f1a10"),
    "marks": [[1, None], [3, 4]],
    "words": ["a b", "NULL", None, 'q"'],
    "raw": b"\xde\xad\xbe\xef",
}


def named(change: Change) -> dict[str, Any]:
    return dict(zip([column.name for column in change.relation.columns], new_row(change), strict=True))


def test_values_are_what_python_calls_them(captured: Captured, execute: Execute) -> None:
    execute(ROW)
    ((change,),) = [each.changes for each in captured()]
    values = named(change)
    assert math.isnan(values.pop("ratio"))
    assert values == VALUES


def test_values_are_the_same_in_postgresqls_binary_form(
    captured: Captured, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stream.OPTIONS, "binary", "true")
    execute(ROW)
    ((change,),) = [each.changes for each in captured()]
    values = named(change)
    assert math.isnan(values.pop("ratio"))
    assert values == VALUES


def test_values_of_somebodys_own_type_stay_text(captured: Captured, execute: Execute) -> None:
    execute("CREATE TYPE mood AS ENUM ('calm', 'merry')")
    execute("ALTER TABLE shape ADD mood mood")
    execute("INSERT INTO shape (id, mood) VALUES (1, 'merry')")
    (only,) = captured()
    assert named(only.changes[0])["mood"] == "merry"
    execute("ALTER TABLE shape DROP mood")
    execute("DROP TYPE mood")


def test_what_python_has_no_room_for_stays_text(captured: Captured, execute: Execute) -> None:
    execute("INSERT INTO shape (id, at, size) VALUES (1, 'infinity', 'NaN'), (2, '0044-03-15 BC', '1e-30')")
    first, second = captured()[0].changes
    assert new_row(first)[4] == "infinity"
    assert new_row(first)[2].is_nan()
    assert new_row(second)[4] == "0044-03-15 00:00:00+00 BC"
    assert new_row(second)[2] == Decimal("1e-30")


def test_a_transaction_rolled_back_is_never_seen(captured: Captured, execute: Execute) -> None:
    with transaction.atomic():
        execute("INSERT INTO shape (id) VALUES (1)")
        with transaction.atomic():
            execute("INSERT INTO shape (id) VALUES (2)")
            transaction.set_rollback(True)
    with transaction.atomic():
        execute("INSERT INTO shape (id) VALUES (3)")
        transaction.set_rollback(True)
    assert [[new_row(change)[0] for change in each.changes] for each in captured()] == [[1]]


def test_interleaved_writers_come_whole_and_in_the_order_of_their_commits(
    captured: Captured, execute: Execute
) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("INSERT INTO shape (id) VALUES (1)")
            with transaction.atomic():
                execute("INSERT INTO shape (id) VALUES (2)")
                cursor.execute("INSERT INTO shape (id) VALUES (3)")
                execute("INSERT INTO shape (id) VALUES (4)")
            cursor.execute("COMMIT")
    finally:
        other.close()
    found = captured()
    assert [[new_row(change)[0] for change in each.changes] for each in found] == [[2, 4], [1, 3]]
    assert found[0].end_lsn <= found[1].commit_lsn


def test_a_column_added_later_comes_with_the_rows_after_it(captured: Captured, execute: Execute) -> None:
    execute("INSERT INTO shape (id) VALUES (1)")
    execute("ALTER TABLE shape ADD colour text DEFAULT 'red'")
    execute("INSERT INTO shape (id) VALUES (2)")
    before, after = captured()
    assert len(before.changes[0].relation.columns) == 10
    assert new_row(after.changes[0])[10] == "red"


def test_what_was_confirmed_does_not_come_again(captured: Captured, execute: Execute) -> None:
    execute("INSERT INTO shape (id) VALUES (1)")
    assert len(captured()) == 1
    assert captured() == []


def test_an_idle_database_moves_its_slot_on(captured: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    captured()
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    with stream.open_stream(slot_name("test"), "mlp_test") as opened:
        (first,) = itertools.islice(opened.transactions(), 1)
        assert first.changes == ()
        opened.confirm(first.end_lsn)
    until_confirmed("test", first.end_lsn)


def test_a_stream_ends_where_nothing_comes_and_gives_batches_of_a_size(
    captured: Captured, execute: Execute
) -> None:
    for number in range(3):
        execute("INSERT INTO shape (id) VALUES (%s)", number)
    with stream.open_stream(slot_name("test"), "mlp_test") as opened:
        sizes: list[int] = []
        for batch in opened.batches(idle_seconds=20, most_changes=2):
            sizes.append(len(batch))  # how many are ready at once is the server's to say
            if sum(sizes) >= 3:
                break
        assert (sum(sizes), max(sizes) <= 2) == (3, True)
        assert list(opened.transactions(idle_seconds=0.01)) == []


def test_its_sessions_are_not_ended_for_being_idle(execute: Execute) -> None:
    with reading_connection() as opened, opened.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM pg_settings WHERE name LIKE '%timeout' AND source = 'client' AND setting = '0'"
        )
        assert {row[0] for row in cursor.fetchall()} >= {
            "idle_in_transaction_session_timeout", "idle_session_timeout", "lock_timeout", "statement_timeout",
        }  # fmt: skip
