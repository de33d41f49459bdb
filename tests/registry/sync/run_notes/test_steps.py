"""Every arrow forward and back, with the real stores."""

from typing import Any

import pytest

from registry.enums import DualWriteState as State
from registry.exceptions import ConflictError
from registry.models import AuditEntry, DualWriteQuery, TrainingRun
from registry.services.purges import purge_run
from registry.services.run_log import add_note
from registry.services.runs import start_run
from registry.sync.dual_write.moving import advance
from registry.sync.dual_write.states import ORDER
from registry.sync.dual_write.status import statuses, switch
from registry.sync.run_bodies import run_body
from registry.sync.run_notes.notes import RUN_NOTES, run_notes
from tests.factories import ExperimentFactory, UserFactory

from .moving import back, forward, in_mongodb, in_postgresql, state

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run() -> TrainingRun:
    ExperimentFactory(name="e")
    return start_run(experiment="e")


def texts(run: TrainingRun) -> list[str]:
    return [each.entry["text"] for each in run_notes(run, query="api")]


def note(run: TrainingRun, text: str) -> None:
    add_note(run_id=run.run_id, text=text)


def test_notes_go_to_the_new_store_and_back_and_none_is_lost(run: TrainingRun) -> None:
    written = ["off"]
    note(run, "off")
    for step in (forward, forward, forward, forward, back, back, back, back):
        step()
        written.append(f"{len(written)} {state()}")
        note(run, written[-1])
        assert texts(run) == written
    assert state() == "off"
    assert in_mongodb(run.run_id) == sorted(written)
    assert in_postgresql(run.run_id) == sorted(written[:-1])
    forward()
    assert in_postgresql(run.run_id) == sorted(written)


@pytest.mark.parametrize(
    ("steps", "both"),
    [(0, (True, False)), (1, (True, True)), (2, (True, True)), (3, (True, True)), (4, (False, True))],
)
def test_each_state_writes_to_its_stores(steps: int, both: tuple[bool, bool], run: TrainingRun) -> None:
    if steps:
        forward(steps)
    add_note(run_id=run.run_id, text="x", user=UserFactory(username="ada"), idempotency_key="k")
    add_note(run_id=run.run_id, text="x", user=UserFactory(username="bob"), idempotency_key="k")
    assert (in_mongodb(run.run_id) == ["x"], in_postgresql(run.run_id) == ["x"]) == both
    (found,) = run_notes(run, query="api")
    assert (found.entry["by"], found.entry["text"]) == ("ada", "x")
    assert AuditEntry.objects.filter(action="run.note", subject_id=run.run_id).count() == 1
    fresh = TrainingRun.objects.get(pk=run.pk)
    assert (run_body(fresh).is_current, fresh.version, fresh.body_version) == (
        True,
        *[2 if both[0] else 1] * 2,
    )


def test_a_note_is_the_same_to_the_millisecond_in_both_stores(run: TrainingRun) -> None:
    note(run, "one")
    (old,) = run_notes(run, query="api")
    forward(3)
    assert run_notes(run, query="api") == [old]


def test_a_purge_takes_the_notes_from_both_stores(run: TrainingRun) -> None:
    note(run, "one")
    forward(2)
    purge_run(run_id=run.run_id)
    assert (in_mongodb(run.run_id), in_postgresql(run.run_id)) == ([], [])
    assert forward().after == State.READ_NEW


def test_there_is_no_step_beyond_the_ends(run: TrainingRun) -> None:
    with pytest.raises(ConflictError, match="is off"):
        back()
    forward(4)
    with pytest.raises(ConflictError, match="is done"):
        forward()


def test_a_query_is_switched_while_comparing_and_switched_back_by_a_step_back(run: TrainingRun) -> None:
    forward(2)
    note(run, "one")
    switch(RUN_NOTES, scope="", query="api", to_new=True)
    assert texts(run) == ["one"]
    (found,) = statuses(RUN_NOTES)
    assert [(each.query, each.answered_by, each.compared, each.differed) for each in found.queries] == [
        ("run_page", "MongoDB", 0, 0),
        ("api", "PostgreSQL", 1, 0),
    ]
    back()
    assert not DualWriteQuery.objects.get(query="api").is_new


def test_an_experiment_moves_by_itself(run: TrainingRun) -> None:
    note(run, "one")
    other = start_run(experiment=ExperimentFactory(name="other").name)
    add_note(run_id=other.run_id, text="other")
    scope = other.experiment.experiment_id
    assert forward(4, scope=scope).before == State.READ_NEW
    for each, text in ((run, "two"), (other, "other two")):
        note(each, text)
    assert (in_mongodb(run.run_id), in_postgresql(run.run_id)) == (["one", "two"], [])
    assert (in_mongodb(other.run_id), in_postgresql(other.run_id)) == (["other"], ["other", "other two"])
    assert (texts(run), texts(other)) == (["one", "two"], ["other", "other two"])
    assert forward(4).comparison is not None
    assert [(each.scope, each.state) for each in statuses(RUN_NOTES)] == [("", "done"), (scope, "done")]
    assert in_postgresql(run.run_id) == ["one", "two"]


def test_the_copy_goes_on_where_it_stopped(run: TrainingRun, monkeypatch: Any) -> None:
    monkeypatch.setattr("registry.sync.dual_write.comparing.BATCH", 1)
    runs = sorted([run, *(start_run(experiment="e") for _ in range(2))], key=lambda each: each.run_id)
    for each in runs:
        note(each, each.run_id)
    steps = advance(RUN_NOTES)
    next(steps)
    steps.close()
    assert [len(in_postgresql(each.run_id)) for each in runs] == [1, 0, 0]
    moved = forward()
    assert (moved.after, moved.copied) == (State.VERIFY, 2)
    assert moved.comparison is not None
    assert moved.comparison.old == moved.comparison.new
    assert ORDER.index(State(state())) == 2
