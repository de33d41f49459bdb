"""What is said of a consumer's slot, and when it is a problem."""

import datetime as dt
from typing import Any
from unittest.mock import patch as replaced

import psycopg2.errors
import pytest
from django.db import connection
from django.utils import timezone

from registry.sync.capture import runner, slots, status
from registry.sync.capture.connection import publication_name, slot_name
from registry.sync.capture.consumers import Position
from registry.sync.capture.slots import SlotState
from registry.sync.capture.stream import open_stream
from registry.sync.targets import TargetUnavailableError

from .conftest import Execute
from .notebook import Notebook

MB = 1024**2
pytestmark = pytest.mark.django_db(transaction=True)
USUAL: dict[str, Any] = {
    "name": "mlp_notebook", "confirmed_lsn": 5, "lag": 0, "retained": MB, "wal_status": "reserved",
    "room": 900 * MB, "active_pid": 7, "lost_because": "", "inactive_since": None,
}  # fmt: skip


def told(*, seconds: float = 0, **slot: Any) -> tuple[str, str]:
    """The state and the problem of a consumer whose last commit is so old."""
    notebook, now = Notebook(), timezone.now()
    notebook.kept = Position(5, now - dt.timedelta(seconds=seconds))
    with replaced.object(timezone, "now", return_value=now):
        found = status._status(notebook, SlotState(**{**USUAL, **slot}))
    assert bool(found.problem) == bool(found.cure)
    return found.state, found.problem


@pytest.mark.parametrize(
    ("slot", "state", "words"),
    [
        ({}, "running", ""),
        ({"seconds": 70}, "running", "70 s behind"),
        ({"active_pid": None}, "stopped", ""),
        (
            {"active_pid": None, "seconds": 70},
            "stopped",
            "nobody reads its slot mlp_notebook, which keeps 1 MB",
        ),
        ({"active_pid": None, "retained": 300 * MB}, "stopped", "which keeps 300 MB"),
        ({"active_pid": None, "retained": 300 * MB, "is_begun": True}, "copying", ""),
        ({"retained": 600 * MB, "room": 400 * MB}, "running", "half of what PostgreSQL keeps"),
        ({"room": None}, "running", ""),
        ({"wal_status": "lost", "lag": None, "retained": None}, "lost", "the slot is lost"),
        ({"lost_because": "idle_timeout"}, "lost", "the slot is lost"),
    ],
)
def test_a_slot_is_judged_by_its_age_its_size_and_its_room(
    slot: dict[str, Any], state: str, words: str
) -> None:
    found, problem = told(**slot)
    assert found == state
    assert (words in problem) if words else not problem


def test_a_store_that_is_away_is_told_beside_the_slot(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise TargetUnavailableError("It is away.")

    notebook = Notebook()
    monkeypatch.setattr(notebook, "position", away)
    found = status._status(notebook, SlotState(**USUAL))
    assert (found.state, found.position, "It is away." in found.problem) == ("away", "", True)
    assert status._status(notebook, None).state == "away"


def test_slots_that_nobody_reads_are_told_whosever_they_are(
    monkeypatch: pytest.MonkeyPatch, execute: Execute
) -> None:
    monkeypatch.setattr(status, "MUCH_BYTES", -1)
    name = "somebody_elses_" + slots_suffix()
    execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", name)
    try:
        assert name in " ".join(problem.cause for problem in status.capture_problems())
    finally:
        execute("SELECT pg_drop_replication_slot(%s)", name)


def test_problems_of_consumers_are_told_with_their_cures(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(status, "MUCH_BYTES", 2**60)  # whatever slots of tests side by side keep
    runner.catch_up(notebook)
    slots.drop_slot(slot_name("notebook"))
    (problem,) = status.capture_problems()
    assert "the slot is missing" in problem.cause
    assert "cdc reset --consumer notebook" in problem.cure


def slots_suffix() -> str:
    return str(connection.settings_dict["NAME"]).replace("-", "_")


def test_a_lost_slot_names_its_reason(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.catch_up(notebook)
    lost = SlotState(**{**USUAL, "lost_because": "idle_timeout"})
    monkeypatch.setattr(slots, "slot_states", lambda names: dict.fromkeys(names, lost))
    with pytest.raises(
        runner.ChangesMissingError, match=r"is lost \(idle_timeout\): PostgreSQL kept no more"
    ):
        runner.catch_up(notebook)


def test_a_slot_being_read_is_not_dropped(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    runner.catch_up(notebook)
    with open_stream(slot_name("notebook"), publication_name("notebook")), monkeypatch.context() as patch:
        patch.setattr(slots, "READER_GONE_SECONDS", 0.1)
        with pytest.raises(psycopg2.errors.ObjectInUse, match="is active for PID"):
            runner.reset(notebook)
