"""What differs is found, counted, sampled and mended; no step is taken meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection

from registry.documents.connection import collection
from registry.enums import DualWriteState as State
from registry.enums import OutboxStatus
from registry.exceptions import ConflictError, StoreUnavailableError
from registry.models import BodyPart, Divergence, DualWrite, OutboxEntry, RunNote, TrainingRun
from registry.services.run_log import add_note
from registry.services.runs import start_run
from registry.sync.dual_write import repairing
from registry.sync.dual_write.holding import flip, only_mover
from registry.sync.dual_write.status import Status, dual_write_problems, statuses, switch
from registry.sync.run_notes.notes import RUN_NOTES, run_notes
from tests.factories import ExperimentFactory

from .moving import back, forward, in_mongodb, in_postgresql, mended, state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run() -> TrainingRun:
    """A run with the notes "one" and "two"."""
    ExperimentFactory(name="e")
    made = start_run(experiment="e")
    for text in ("one", "two"):
        add_note(run_id=made.run_id, text=text)
    return made


def status() -> Status:
    (found,) = statuses(RUN_NOTES)
    return found


def note_id(run: TrainingRun, text: str) -> str:
    return next(each.key for each in run_notes(run, query="api") if each.entry["text"] == text)


def edit(run: TrainingRun, change: dict[str, Any]) -> None:
    """Change the bucket of notes by hand."""
    collection("run_logs").update_one({"run_id": run.run_id, "kind": "note"}, change)


def lose_in_postgresql(run: TrainingRun) -> None:
    RunNote.objects.get(text="one").delete()


def alter_in_postgresql(run: TrainingRun) -> None:
    RunNote.objects.filter(text="one").update(text="another")


def lose_in_mongodb(run: TrainingRun) -> None:
    edit(run, {"$unset": {f"entries.{note_id(run, 'one')}": ""}})


def alter_in_mongodb(run: TrainingRun) -> None:
    edit(run, {"$set": {f"entries.{note_id(run, 'one')}.text": "another"}})


def break_in_mongodb(run: TrainingRun) -> None:
    edit(run, {"$set": {f"entries.{note_id(run, 'one')}": 7}})


@contextmanager
def refusing(table: str, rule: str) -> Iterator[None]:
    """A constraint that PostgreSQL itself upholds."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT planted CHECK ({rule}) NOT VALID")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT planted")


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lose_in_postgresql, "only_old"),
        (alter_in_postgresql, "differing"),
        (lose_in_mongodb, "only_new"),
        (alter_in_mongodb, "differing"),
        (break_in_mongodb, "differing"),
    ],
)
def test_what_was_changed_by_hand_stops_the_move_until_it_is_mended(
    plant: Callable[[TrainingRun], None], kind: str, steps: int, run: TrainingRun
) -> None:
    forward(steps)
    stood = state()
    plant(run)
    with pytest.raises(ConflictError, match="1 records of run_notes differ"):
        forward()
    found = status()
    assert (state(), found.divergences, [each.kind for each in found.samples]) == (stood, 1, [kind])
    assert "repair" in found.blocked_by[0]
    assert [each.cause for each in dual_write_problems()] == [
        "1 records of run_notes are not alike in their two stores."
    ]
    left = mended()
    assert (left.is_clean, left.old.records, left.new.records) == (True, 2, 2)
    text = "another" if plant is alter_in_postgresql and steps == 3 else "one"  # the new store decides
    assert in_mongodb(run.run_id) == in_postgresql(run.run_id) == sorted([text, "two"])
    assert (status().divergences, status().mended, list(dual_write_problems())) == (0, 1, [])
    forward()
    back()


def test_a_note_that_one_store_alone_has_is_never_deleted(run: TrainingRun) -> None:
    forward(1)
    RunNote.objects.create(run=run, note_id="a" * 32, at=run.started_at, text="three")
    assert mended().is_clean
    assert in_mongodb(run.run_id) == in_postgresql(run.run_id) == ["one", "three", "two"]
    parts = BodyPart.objects.filter(owner_id=run.run_id, collection="run_logs")
    assert parts.values("part").distinct().count() == parts.count() == 3
    assert mended().is_clean


def test_a_repair_goes_by_the_state_that_a_step_left_just_before_it(
    run: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward(2)

    @contextmanager
    def after_a_step(name: str) -> Iterator[None]:
        forward()
        alter_in_postgresql(run)
        with only_mover(name):
            yield

    monkeypatch.setattr(repairing, "only_mover", after_a_step)
    assert mended().is_clean
    assert state() == "read-new"
    assert in_mongodb(run.run_id) == in_postgresql(run.run_id) == ["another", "two"]


def test_a_refused_step_back_leaves_the_reads_where_they_are(run: TrainingRun) -> None:
    forward(2)
    switch(RUN_NOTES, scope="", query="api", to_new=True)
    row = DualWrite.objects.get()
    DualWrite.objects.update(state="shadow")  # somebody else was faster
    with pytest.raises(ConflictError, match="is shadow by now"):
        flip(row, State.SHADOW, must_agree=False, switches_back=True)
    DualWrite.objects.update(state="verify")
    forward()
    assert row.queries.get().is_new
    lose_in_mongodb(run)
    with pytest.raises(ConflictError, match="1 records of run_notes differ"):
        back()
    assert row.queries.get().is_new
    mended()
    back()
    assert not row.queries.get().is_new


def test_what_differs_in_an_experiment_that_moves_by_itself_stays_open_and_is_its_own(
    run: TrainingRun,
) -> None:
    other = start_run(experiment=ExperimentFactory(name="other").name)
    forward(1)
    everything = DualWrite.objects.get()
    for owner_id in (other.run_id, "0" * 32):
        Divergence.objects.create(dual_write=everything, key=f"{owner_id}/x", kind="refused")
    scope = other.experiment.experiment_id
    forward(1, scope=scope)
    forward(1, scope=start_run(experiment=ExperimentFactory(name="third").name).experiment.experiment_id)
    assert mended().is_clean
    (left,) = Divergence.objects.filter(mended_at=None)
    assert (left.key, left.dual_write.scope) == (f"{other.run_id}/x", scope)
    assert forward().after == "verify"
    assert forward(1, scope=scope).after == "read-new"
    assert not Divergence.objects.filter(mended_at=None).exists()


def test_a_read_finds_what_differs_and_answers_from_the_store_that_decides(run: TrainingRun) -> None:
    forward(2)
    alter_in_postgresql(run)
    assert [each.entry["text"] for each in run_notes(run, query="api")] == ["one", "two"]
    (api,) = (each for each in status().queries if each.query == "api")
    assert (api.compared, api.differed, status().divergences) == (1, 1, 1)
    with pytest.raises(ConflictError):
        forward()
    assert mended().is_clean


def test_a_second_write_that_is_refused_leaves_the_note_and_a_divergence(run: TrainingRun) -> None:
    forward(1)
    with refusing("registry_runnote", "text <> 'three'"):
        add_note(run_id=run.run_id, text="three")
        assert [each.entry["text"] for each in run_notes(run, query="api")] == ["one", "two", "three"]
        (sample,) = status().samples
        assert (sample.kind, sample.old["text"], sample.new) == ("refused", "three", None)
        assert "planted" in sample.reason
        with pytest.raises(ConflictError, match="3, PostgreSQL 2"):
            forward()
        assert not mended().is_clean
    assert mended().is_clean
    assert in_postgresql(run.run_id) == ["one", "three", "two"]


def test_a_refusal_by_the_old_store_is_kept_too_once_the_new_one_decides(run: TrainingRun) -> None:
    forward(3)
    with refusing("registry_bodypart", "collection <> 'run_logs'"):
        add_note(run_id=run.run_id, text="three")
    assert [each.entry["text"] for each in run_notes(run, query="api")] == ["one", "two", "three"]
    assert Divergence.objects.get().kind == "refused"
    with pytest.raises(ConflictError, match="2, PostgreSQL 3"):
        back()
    assert mended().is_clean
    assert in_mongodb(run.run_id) == ["one", "three", "two"]


@pytest.mark.parametrize(("steps", "table"), [(1, "registry_bodypart"), (3, "registry_runnote")])
def test_what_the_first_store_refuses_is_written_nowhere(steps: int, table: str, run: TrainingRun) -> None:
    forward(steps)
    with refusing(table, "false"), pytest.raises(IntegrityError):
        add_note(run_id=run.run_id, text="three")
    assert in_mongodb(run.run_id) == in_postgresql(run.run_id) == ["one", "two"]
    assert not Divergence.objects.exists()


def test_a_copy_goes_past_what_is_refused_and_keeps_it(run: TrainingRun) -> None:
    with refusing("registry_runnote", "text <> 'one'"):
        assert forward().copied == 1
    assert Divergence.objects.get().kind == "refused"
    assert mended().is_clean
    assert in_postgresql(run.run_id) == ["one", "two"]


def test_what_is_no_note_is_kept_as_a_divergence(run: TrainingRun) -> None:
    entries = {"x": {"at": "then", "by": "ada", "text": "\x00"}}
    bucket = {
        "_id": f"{run.run_id}:note:99999999",
        "run_id": run.run_id,
        "kind": "note",
        "bucket": 99_999_999,
    }
    collection("run_logs").insert_one({**bucket, "v": 1, "entries": entries})
    assert forward().copied == 2
    assert "is no note" in Divergence.objects.get().reason
    assert mended().differing == 1


def test_a_note_written_while_mongodb_is_away_is_lag_and_no_divergence(
    run: TrainingRun, request: pytest.FixtureRequest
) -> None:
    forward(2)
    switch(RUN_NOTES, scope="", query="api", to_new=True)
    back_again = request.getfixturevalue("mongodb_away")
    add_note(run_id=run.run_id, text="three")
    assert [each.entry["text"] for each in run_notes(run, query="api")] == ["one", "two", "three"]
    with pytest.raises(StoreUnavailableError):
        run_notes(run, query="run_page")
    with pytest.raises(StoreUnavailableError):
        forward()
    assert (status().waiting, status().divergences, state()) == (1, 0, "verify")
    assert "wait for MongoDB" in status().blocked_by[0]
    back_again()
    assert forward().after == "read-new"
    assert in_mongodb(run.run_id) == ["one", "three", "two"]


def test_what_mongodb_never_took_is_lag_too(run: TrainingRun, request: pytest.FixtureRequest) -> None:
    forward(2)
    back_again = request.getfixturevalue("mongodb_away")
    add_note(run_id=run.run_id, text="three")
    back_again()
    OutboxEntry.objects.update(status=OutboxStatus.PARKED)
    with pytest.raises(ConflictError, match="that is lag"):
        forward()
    assert run_notes(run, query="api")
    assert status().divergences == 0
    OutboxEntry.objects.update(status=OutboxStatus.DUE)
    assert forward().after == "read-new"


def test_a_copy_stops_where_something_waits(run: TrainingRun, request: pytest.FixtureRequest) -> None:
    back_again = request.getfixturevalue("mongodb_away")
    add_note(run_id=run.run_id, text="three")
    back_again()
    OutboxEntry.objects.update(status=OutboxStatus.PARKED)
    with pytest.raises(StoreUnavailableError, match="the copy stops"):
        forward()
    assert (state(), status().is_copied) == ("shadow", False)
    assert "has not come to its end" in status().blocked_by[-1]
    OutboxEntry.objects.update(status=OutboxStatus.DUE)
    assert (forward().copied, state()) == (3, "verify")
