"""Leading a consumer on a real slot: from its snapshot on, from its position on, and what stops it."""

import threading
from collections.abc import Callable

import psycopg2.errors
import pytest
from django.db import connection

from registry.exceptions import ConflictError
from registry.sync.capture import runner, slots, status
from registry.sync.capture.connection import publication_name, slot_name
from registry.sync.capture.consumers import Position, Snapshot
from registry.sync.capture.messages import DecodeError
from registry.sync.capture.publication import is_published
from registry.sync.capture.status import capture_problems, capture_statuses
from registry.sync.capture.stream import open_stream
from registry.sync.targets import TargetUnavailableError

from .conftest import Execute, until_confirmed
from .notebook import Notebook

pytestmark = pytest.mark.django_db(transaction=True)


def lose_the_slot() -> None:
    assert slots.drop_slot(slot_name("notebook"))


def test_a_new_consumer_begins_with_a_snapshot_and_misses_nothing_after_it(
    notebook: Notebook, execute: Execute
) -> None:
    execute("INSERT INTO shape VALUES (1)")
    runner.catch_up(notebook)
    execute("INSERT INTO shape VALUES (2), (3)")
    execute("INSERT INTO shape VALUES (4)")
    applied = runner.catch_up(notebook)
    assert (notebook.copied, notebook.seen) == ([1], [[2, 3], [4]])
    assert applied == runner.Applied("notebook", 2, 3)


def test_what_was_applied_and_not_confirmed_comes_again_from_the_stored_position(
    notebook: Notebook, execute: Execute
) -> None:
    runner.catch_up(notebook)
    execute("INSERT INTO shape VALUES (1)")
    notebook.trouble.append(TargetUnavailableError("away"))
    with pytest.raises(TargetUnavailableError):
        runner.catch_up(notebook)
    runner.catch_up(notebook)
    runner.catch_up(notebook)
    assert notebook.seen == [[1]]


@pytest.mark.parametrize("is_cheap", [True, False])
def test_a_slot_that_is_gone_is_refused_or_begun_anew(
    notebook: Notebook, execute: Execute, *, is_cheap: bool
) -> None:
    runner.catch_up(notebook)
    notebook.is_cheap_to_begin = is_cheap
    lose_the_slot()
    execute("INSERT INTO shape VALUES (1)")
    if is_cheap:
        runner.catch_up(notebook)
    else:
        with pytest.raises(
            runner.ChangesMissingError, match="The slot is gone.*cdc reset --consumer notebook"
        ):
            runner.catch_up(notebook)
        assert [status.state for status in capture_statuses()] == ["missing"]
        assert runner.reset(notebook) is False
        runner.catch_up(notebook)
    assert notebook.copied == [1]


def test_a_slot_ahead_of_what_is_stored_is_refused(notebook: Notebook, execute: Execute) -> None:
    runner.catch_up(notebook)
    before = notebook.kept
    execute("INSERT INTO shape VALUES (1)")
    runner.catch_up(notebook)
    assert notebook.kept is not None
    until_confirmed("notebook", notebook.kept.lsn)
    notebook.kept = before  # the store was put back to an older state
    with pytest.raises(runner.ChangesMissingError, match="the changes between are missing"):
        runner.catch_up(notebook)
    notebook.kept = Position(2**60)
    with pytest.raises(runner.ChangesMissingError, match="PostgreSQL was put back"):
        runner.catch_up(notebook)


def test_another_list_of_tables_begins_anew(notebook: Notebook, execute: Execute) -> None:
    runner.catch_up(notebook)
    notebook.tables = ("shape", "other")
    execute("INSERT INTO shape VALUES (1)")
    execute("INSERT INTO other VALUES (7)")
    runner.catch_up(notebook)
    assert is_published(publication_name("notebook"), ["other", "shape"])
    assert (notebook.copied, notebook.seen) == ([1], [])
    execute("INSERT INTO other VALUES (8)")
    runner.catch_up(notebook)
    assert notebook.seen == [[8]]


def test_a_second_process_waits_while_the_first_copies(
    notebook: Notebook, execute: Execute, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute("INSERT INTO shape VALUES (1)")
    told: list[str] = []

    def second(act: Callable[[Notebook], object]) -> None:
        try:
            act(notebook)
        except ConflictError as error:
            told.append(str(error))
        finally:
            connection.close()

    def snapshot(shown: Snapshot) -> None:
        for act in (runner.catch_up, runner.reset):
            thread = threading.Thread(target=second, args=(act,))
            thread.start()
            thread.join(20)
        told.extend(status.state for status in capture_statuses())
        copy(shown)

    copy = notebook.snapshot
    with monkeypatch.context() as patch:
        patch.setattr(notebook, "snapshot", snapshot)
        runner.catch_up(notebook)
    assert told == ["Another process begins A notebook, maybe with a copy."] * 2 + ["copying"]
    assert notebook.copied == [1]


def test_a_release_with_other_tables_waits_while_another_reads(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner.catch_up(notebook)
    kept, notebook.tables = notebook.kept, ("shape", "other")
    with open_stream(slot_name("notebook"), publication_name("notebook")), monkeypatch.context() as patch:
        patch.setattr(slots, "READER_GONE_SECONDS", 0.0)
        with pytest.raises(psycopg2.errors.ObjectInUse):
            runner.catch_up(notebook)
    assert (notebook.kept, is_published(publication_name("notebook"), ["shape"])) == (kept, True)


def test_a_running_consumer_survives_faults_and_ends_when_told(notebook: Notebook, execute: Execute) -> None:
    notebook.trouble = [ValueError("a bug"), TargetUnavailableError("away")]
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=([notebook], stop))
    runner.prepare(notebook)
    thread.start()
    try:
        execute("INSERT INTO shape VALUES (1)")
        assert notebook.heard.wait(60)
        (status,) = capture_statuses()
        assert (status.state, status.rows, status.problem) == ("running", 1, "")
    finally:
        stop.set()
        thread.join(20)
    assert not thread.is_alive()
    assert notebook.seen == [[1]]


def test_a_consumer_that_cannot_go_on_is_told_of_once(
    notebook: Notebook, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "FAULT_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(runner, "LONGEST_WAIT_SECONDS", 0.01)
    stop = threading.Event()

    def position() -> Position | None:
        asked.append(1)
        if len(asked) == 3:
            stop.set()
        raise DecodeError("what is this?")

    asked: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(notebook, "position", position)
        thread = threading.Thread(target=runner.Worker(notebook, stop).run)
        thread.start()
        thread.join(20)
    assert [record.message for record in caplog.records] == ["A notebook can't go on: what is this?"]


def test_a_consumer_never_begun_is_no_problem(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "MUCH_BYTES", 2**60)  # whatever slots of tests side by side keep
    assert [(status.state, status.lag_bytes) for status in capture_statuses()] == [("off", None)]
    assert list(capture_problems()) == []


def test_a_fault_after_a_good_while_is_told_again(
    notebook: Notebook, execute: Execute, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "WELL_SECONDS", 0.0)
    notebook.trouble = [TargetUnavailableError("away"), TargetUnavailableError("away")]
    runner.prepare(notebook)
    stop = threading.Event()
    execute("INSERT INTO shape VALUES (1)")
    thread = threading.Thread(target=runner.Worker(notebook, stop).run)
    thread.start()
    try:
        assert notebook.heard.wait(60)
    finally:
        stop.set()
        thread.join(20)
    told = [record.message for record in caplog.records if record.levelname == "WARNING"]
    assert told == ["A notebook waits: away"] * 2
