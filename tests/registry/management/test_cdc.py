"""The command, with the one consumer of the tests."""

import json
import os
import signal
import threading
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from registry.sync.capture import slots
from registry.sync.capture.connection import publication_name, slot_name
from registry.sync.capture.messages import DecodeError
from registry.sync.capture.stream import open_stream
from registry.sync.targets import TargetUnavailableError
from tests.registry.sync.capture.conftest import execute, notebook
from tests.registry.sync.capture.notebook import Notebook

__all__ = ["execute", "notebook"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def insert(number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO shape VALUES (%s)", [number])


def test_cdc_tells_people_and_programs_what_it_did(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("cdc", "run", "--once")
    insert(1)
    call_command("cdc", "run", "--once", "--json")
    call_command("cdc", "status", "--json")
    call_command("cdc", "reset", "--json")
    call_command("cdc", "reset", "--consumer", "notebook")
    first, applied, *status, reset, again = capsys.readouterr().out.splitlines()
    assert first == "notebook: 0 transactions, 0 rows applied."
    assert json.loads(applied) == [{"consumer": "notebook", "transactions": 1, "rows": 1}]
    assert json.loads("".join(status))[0]["rows"] == 1
    assert json.loads(reset) == {"notebook": True}
    assert again == "notebook: there was no slot; the next run begins with a snapshot."


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (TargetUnavailableError("It is away"), "It is away. See the causes with: manage.py doctor"),
        (DecodeError("What is this?"), "What is this?"),
    ],
)
def test_cdc_run_once_fails_where_not_all_was_applied(
    notebook: Notebook, trouble: Exception, words: str
) -> None:
    call_command("cdc", "run", "--once")
    notebook.trouble.append(trouble)
    with pytest.raises(CommandError) as told:
        call_command("cdc", "run", "--once")
    assert str(told.value) == words


def test_cdc_status_fails_where_changes_are_missing(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("cdc", "run", "--once")
    slots.drop_slot(slot_name("notebook"))
    with pytest.raises(CommandError, match="Changes are missing"):
        call_command("cdc", "status")
    assert "missing" in capsys.readouterr().out


def test_cdc_reset_leaves_a_running_consumer_alone(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_command("cdc", "run", "--once")
    with open_stream(slot_name("notebook"), publication_name("notebook")), monkeypatch.context() as patch:
        patch.setattr(slots, "READER_GONE_SECONDS", 0.0)
        with pytest.raises(CommandError, match="End that one first"):
            call_command("cdc", "reset")


def test_cdc_run_follows_until_it_is_told_to_end(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("cdc", "run", "--once")
    insert(1)

    is_over = threading.Event()

    def end() -> None:
        notebook.heard.wait(60)
        if not is_over.is_set():  # else the signal would end the tests
            os.kill(os.getpid(), signal.SIGTERM)

    notebook.heard.clear()
    thread = threading.Thread(target=end)
    thread.start()
    try:
        call_command("cdc", "run")
    finally:
        is_over.set()
        notebook.heard.set()
        thread.join()
    assert notebook.seen == [[1]]
    assert capsys.readouterr().err.splitlines()[-1] == "Change capture has ended."
