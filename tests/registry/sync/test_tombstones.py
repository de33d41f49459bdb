"""What comes back under the id of something that was purged lives on when the tombstones go."""

import datetime as dt

import pytest
from django.db import transaction

from registry.documents.connection import collection
from registry.imports.experiments import place_experiment
from registry.imports.records import ImportedExperiment
from registry.imports.terms import Terms
from registry.models import BodyPart, Experiment, TrainingRun
from registry.services.housekeeping import clear_away, clear_tombstones
from registry.services.model_configs import insert_model_config
from registry.services.purges import purge_experiment, purge_run
from registry.services.run_log import add_note, log_epoch
from registry.sync.backfill import promise_bodies
from registry.sync.outbox import only_promised
from registry.sync.reconcile.documents import DocumentCheck
from registry.sync.relay import drain
from registry.sync.run_bodies import run_body, run_log
from tests.factories import RunFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def brought(run_id: str) -> TrainingRun:
    """A run as an import brings it, under its own id."""
    run = RunFactory.create(run_id=run_id)
    with transaction.atomic():
        promise_bodies([run_id])
    return run


def written(run_id: str, text: str) -> None:
    add_note(run_id=run_id, text=text)
    log_epoch(run_id=run_id, epoch=1, metrics={"loss": 1.0})
    drain()


def texts(run_id: str) -> list[str]:
    return [each.entry["text"] for each in run_log(run_id, "note", limit=10)]


def drift(name: str) -> list[str]:
    return [each.subject for step in DocumentCheck(name).look(deep=True) for each in step.found]


def test_the_notes_of_a_run_that_came_back_outlive_the_tombstones_of_the_purged_one() -> None:
    run_id = "ab" * 16
    brought(run_id)
    written(run_id, "of the first life")
    purge_run(run_id=run_id)
    brought(run_id)
    written(run_id, "of the second life")
    assert texts(run_id) == ["of the second life"]
    assert collection("run_logs").count_documents({"purged_at": {"$exists": True}}) == 0
    week = dt.datetime.now(dt.UTC) - dt.timedelta(days=8)
    assert BodyPart.objects.filter(part="tombstone").update(written_at=week) == 0
    clear_away()
    assert (texts(run_id), len(run_log(run_id, "epoch", limit=10))) == (["of the second life"], 1)
    assert run_body(TrainingRun.objects.get(run_id=run_id)).body is not None
    assert not BodyPart.objects.filter(part="tombstone").exists()
    assert (drift("run_logs"), drift("runs")) == ([], [])


def test_a_run_without_a_body_that_came_back_begins_above_the_tombstones_of_its_logs() -> None:
    run_id = "cd" * 16
    RunFactory.create(run_id=run_id, version=7)
    written(run_id, "of the first life")
    purge_run(run_id=run_id)
    BodyPart.objects.filter(collection="runs").delete()
    buried = set(BodyPart.objects.values_list("version", flat=True))
    brought(run_id)
    assert TrainingRun.objects.get(run_id=run_id).version == max(buried) + 1


def test_configs_of_the_purged_run_go_late_and_those_of_its_successor_stay() -> None:
    run_id = "ab" * 16
    brought(run_id)
    gone = brought("cd" * 16)
    insert_model_config(name="old", framework="keras", config={"n": 1}, run_id=run_id)
    insert_model_config(name="gone", framework="keras", config={"n": 2}, run_id=gone.run_id)
    with only_promised():
        purge_run(run_id=run_id)
        purge_run(run_id=gone.run_id)
    brought(run_id)
    insert_model_config(name="new", framework="keras", config={"n": 3}, run_id=run_id)
    drain()
    assert [each["name"] for each in collection("model_configs").find()] == ["new"]


def test_an_experiment_that_came_back_under_its_id_has_its_body_again() -> None:
    given = ImportedExperiment(source_id="0", name="Default", experiment_id="0" * 32)
    for _ in range(2):
        with transaction.atomic():
            place_experiment(given, Terms())
        drain()
        assert collection("experiments").find_one({"name": "Default", "purged_at": {"$exists": False}})
        experiment = Experiment.objects.get()
        purge_experiment(experiment_id=experiment.experiment_id)
    with transaction.atomic():
        place_experiment(given, Terms())
    drain()
    clear_tombstones(older_than=dt.timedelta())
    (kept,) = collection("experiments").find()
    assert "purged_at" not in kept
    assert drift("experiments") == []
