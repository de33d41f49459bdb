"""``manage.py dual_write`` and ``demo_cutover``."""

import json
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from registry.documents.connection import collection
from registry.management.commands.demo_cutover import Command
from registry.management.cutover.crew import Crew
from registry.management.cutover.demo import DESCRIPTION, Shown, StepLine
from registry.management.cutover.proof import Proof
from registry.models import DualWrite, Experiment, RunNote
from registry.services.experiments import create_experiment
from registry.services.purges import PURGE_EXPERIMENT
from registry.services.run_log import add_note
from registry.services.runs import delete_run, start_run
from registry.sync import saga_engine
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_a_move_is_taken_forward_looked_at_and_taken_back() -> None:
    ExperimentFactory(name="e")
    run = start_run(experiment="e")
    add_note(run_id=run.run_id, text="one")
    assert told("dual_write", "status", "run_notes").startswith("run_notes: off; MongoDB decides")
    assert told("dual_write", "advance", "run_notes").startswith("off → shadow")
    moved = json.loads(told("dual_write", "advance", "run_notes", "--json"))
    assert (moved["after"], moved["comparison"]["old"]) == ("verify", moved["comparison"]["new"])
    assert "api: answered by PostgreSQL" in told("dual_write", "reads", "run_notes", "api", "new")
    RunNote.objects.all().delete()
    with pytest.raises(CommandError, match="dual_write repair run_notes"):
        call_command("dual_write", "advance", "run_notes")
    status = told("dual_write", "status", "run_notes")
    assert "1 open" in status
    assert "blocked: 1 divergences" in status
    assert told("dual_write", "repair", "run_notes") == "1 and 1 records, 0 differ.\n"
    assert told("dual_write", "rollback", "run_notes").startswith("verify → shadow")
    (found,) = json.loads(told("dual_write", "status", "run_notes", "--json"))
    assert (found["state"], found["divergences"], found["mended"]) == ("shadow", 0, 1)


def test_one_experiment_is_moved_by_its_name() -> None:
    scope = ExperimentFactory(name="e").experiment_id
    told("dual_write", "advance", "run_notes", "--experiment", "e")
    status = told("dual_write", "status", "run_notes")
    assert "run_notes: off" in status
    assert f"run_notes of experiment {scope}: shadow" in status


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("status", "events"), "There is: run_notes"),
        (("repair", "run_notes"), "nothing to compare"),
        (("reads", "run_notes", "pages", "new"), "not 'pages'"),
        (("reads", "run_notes", "api", "new"), "this is off"),
        (("advance", "run_notes", "--experiment", "none"), "no experiment called 'none'"),
    ],
)
def test_what_cannot_be_done_is_told(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("dual_write", *words)


def test_a_repair_that_leaves_something_fails() -> None:
    ExperimentFactory(name="e")
    run = start_run(experiment="e")
    bucket = {"_id": f"{run.run_id}:note:00000000", "run_id": run.run_id, "kind": "note", "bucket": 0, "v": 1}
    collection("run_logs").insert_one({**bucket, "entries": {"x": {"text": "no time"}}})
    told("dual_write", "advance", "run_notes")
    with pytest.raises(CommandError, match="1 could not be mended"):
        call_command("dual_write", "repair", "run_notes")


def test_the_demonstration_goes_its_own_way_where_all_notes_have_moved() -> None:
    for _ in range(4):
        told("dual_write", "advance", "run_notes")
    shown = json.loads(told("demo_cutover", "--notes", "9", "--writers", "1", "--runs", "1", "--json"))
    assert [each["step"] for each in shown["steps"]][::7] == ["off → shadow", "shadow → off"]
    assert [(each.scope, each.state) for each in DualWrite.objects.all()] == [("", "done")]


def test_the_demonstration_loses_nothing_and_leaves_nothing() -> None:
    shown = json.loads(told("demo_cutover", "--notes", "36", "--writers", "2", "--runs", "2", "--json"))
    assert [each["step"] for each in shown["steps"]] == [
        "off → shadow", "shadow → verify", "verify → read-new", "read-new → done",
        "done → read-new", "read-new → verify", "verify → shadow", "shadow → off",
    ]  # fmt: skip
    for proof in shown["proofs"]:
        figures = [proof[name] for name in ("acknowledged", "found", "lost", "doubled", "altered", "unknown")]
        assert figures == [36, 36, 0, 0, 0, 0]
    assert (shown["blind_reads"], shown["refused"], shown["broken"]) == (0, [], [])
    assert not Experiment.objects.exists()
    assert not DualWrite.objects.exists()
    assert not RunNote.objects.exists()


@pytest.mark.parametrize("option", ["--writers", "--notes", "--runs"])
def test_a_demonstration_of_nothing_is_refused(option: str) -> None:
    with pytest.raises(CommandError, match="from 1 to"):
        call_command("demo_cutover", option, "0")


def test_a_demonstration_that_lost_a_note_fails_and_says_what_it_saw() -> None:
    steps = [StepLine("off → shadow", 0.1, 5.0, 3, 2, None, None, 1)]
    lost = Proof("MongoDB", acknowledged=2, found=1, lost=1, doubled=0, altered=0, unknown=0)
    shown = Shown(steps, [lost], reads=1, blind_reads=0, refused=[], broken=["no"], seconds=1.0)
    command = Command(stdout=StringIO())
    with pytest.raises(CommandError, match="failed. no"):
        command._tell(shown, as_json=False)
    assert "2 notes in 1.0 s through 1 steps" in command.stdout.getvalue()


def test_writers_that_are_refused_are_counted_and_go_on() -> None:
    ExperimentFactory(name="e")
    run = start_run(experiment="e")
    delete_run(run_id=run.run_id)
    with Crew([run], 1, allowed=2) as crew:
        while crew.answers < 2:
            time.sleep(0.01)
    assert (len(crew.refused), crew.acknowledged, crew.broken) == (2, [], [])


def test_what_a_killed_demonstration_left_is_taken_away_by_the_next() -> None:
    for name in ("cutover-demo-1", "cutover-demo-2"):
        left = create_experiment(name=name, description=DESCRIPTION)
        start_run(experiment=name)
        told("dual_write", "advance", "run_notes", "--experiment", name)
    with transaction.atomic():
        saga_engine.begin(PURGE_EXPERIMENT, aggregate_id=left.experiment_id)
    ExperimentFactory(name="cutover-demo-of-mine")
    told("demo_cutover", "--notes", "9", "--writers", "1", "--runs", "1")
    assert Experiment.objects.get().name == "cutover-demo-of-mine"
    assert not DualWrite.objects.exists()
