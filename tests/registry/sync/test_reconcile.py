"""Drift of every kind planted by hand in the real stores: found exactly, mended exactly."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bson
import pytest
from django.db import connection

from registry.documents.connection import collection
from registry.enums import OutboxStatus
from registry.exceptions import ConflictError
from registry.models import BodyPart, Experiment, OrphanSighting, OutboxEntry, ReconcileReport, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.model_configs import insert_model_config
from registry.services.run_log import log_epoch
from registry.services.runs import delete_run, end_run, start_run
from registry.services.tags import set_run_tags
from registry.sync import relay
from registry.sync.bodies import read_bodies
from registry.sync.reconcile.drift import Kind, Terms
from registry.sync.reconcile.service import reconcile
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db(transaction=True)
NOW = Terms(orphans_older_than=dt.timedelta(0))
HEAD = {"experiment_id": "e" * 32, "started_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}


@pytest.fixture(autouse=True)
def runs(mongo: Any, redis_keys: None) -> list[TrainingRun]:
    """Three runs with bodies and logs, everything delivered; every range of theirs is another."""
    create_experiment(name="e")
    made = [
        start_run(experiment="e", run_id=f"{n:x}" * 32, config={"lr": n / 10, "$x": {"a.b": n}})
        for n in (1, 5, 9)
    ]
    for run in made:
        log_epoch(run_id=run.run_id, epoch=1, metrics={"loss": 0.5}, details={"seconds": 1.5})
        set_run_tags(run_id=run.run_id, tags={"team": "a"})
    relay.drain()
    return made


def look(**named: Any) -> ReconcileReport:
    *_, report = reconcile(**named)
    assert isinstance(report, ReconcileReport)
    return report


def drift(report: ReconcileReport) -> set[tuple[str, str, str]]:
    return {(each["place"], each["kind"], each["subject"]) for each in report.result["findings"]}


def everything() -> dict[str, list[Any]]:
    """All documents, and what PostgreSQL keeps of them."""
    names = ("runs", "run_logs", "experiments", "model_configs")
    stored: dict[str, list[Any]] = {name: list(collection(name).find().sort("_id", 1)) for name in names}
    return stored | {
        "parts": list(BodyPart.objects.values_list("document_id", "part", "version", "checksum"))
    }


def is_found_and_mended(expected: set[tuple[str, str, str]], *, deep: bool = False) -> None:
    """The look finds exactly this, the repair brings everything back, the next look finds nothing."""
    assert drift(look(deep=deep)) == expected
    report = look(repair=True, deep=deep, terms=NOW)
    assert (drift(report), report.found, report.mended) == (expected, len(expected), len(expected))
    assert report.is_clean
    assert drift(look(deep=True)) == set()
    assert OutboxEntry.objects.count() == 0


def test_where_nothing_has_come_apart_nothing_is_found() -> None:
    before = everything()
    report = look(repair=True, deep=True)
    assert (drift(report), report.is_clean, report.unchecked) == (set(), True, 0)
    assert everything() == before


def plant_missing(run_id: str) -> None:
    collection("runs").delete_one({"_id": run_id})


def plant_stale(run_id: str) -> None:
    collection("runs").update_one({"_id": run_id}, {"$set": {"v": 1, "ck": 1}})


def plant_ahead(run_id: str) -> None:
    collection("runs").update_one({"_id": run_id}, {"$set": {"v": 99, "name": "by hand"}})


def plant_differing(run_id: str) -> None:
    collection("runs").update_one({"_id": run_id}, {"$set": {"ck": 7}})


def plant_other_range(run_id: str) -> None:
    collection("runs").update_one({"_id": run_id}, {"$set": {"b": 200}})


def plant_no_head(run_id: str) -> None:
    collection("runs").update_one({"_id": run_id}, {"$unset": {"b": 1, "ck": 1}})


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (plant_missing, Kind.MISSING),
        (plant_stale, Kind.STALE),
        (plant_ahead, Kind.AHEAD),
        (plant_differing, Kind.DIFFERING),
        (plant_other_range, Kind.DIFFERING),
        (plant_no_head, Kind.DIFFERING),
    ],
)
def test_a_document_that_has_come_apart_is_made_again(
    plant: Callable[[str], None], kind: Kind, runs: list[TrainingRun]
) -> None:
    before = everything()
    plant(runs[1].run_id)
    is_found_and_mended({("runs", kind, runs[1].run_id)})
    assert everything() == before


def test_a_document_changed_by_hand_is_found_by_its_bytes(runs: list[TrainingRun]) -> None:
    before = everything()
    run_id = runs[2].run_id
    collection("runs").update_one({"_id": run_id}, {"$set": {"params.lr": 0.91}})
    collection("run_logs").update_one({"run_id": run_id}, {"$set": {"entries.1.details.seconds": 2}})
    (log,) = collection("run_logs").find({"run_id": run_id})
    assert drift(look()) == set()
    is_found_and_mended({("runs", Kind.ALTERED, run_id), ("run_logs", Kind.ALTERED, log["_id"])}, deep=True)
    assert everything() == before


def test_drift_in_every_collection_at_once_is_mended(runs: list[TrainingRun]) -> None:
    before = everything()
    (log,) = collection("run_logs").find({"run_id": runs[0].run_id})
    experiment_id = Experiment.objects.get().experiment_id
    plant_missing(runs[0].run_id)
    plant_ahead(runs[1].run_id)
    collection("run_logs").delete_one({"_id": log["_id"]})
    collection("experiments").delete_many({})
    is_found_and_mended(
        {
            ("runs", Kind.MISSING, runs[0].run_id),
            ("runs", Kind.AHEAD, runs[1].run_id),
            ("run_logs", Kind.MISSING, log["_id"]),
            ("experiments", Kind.MISSING, experiment_id),
        }
    )
    assert everything() == before


def test_orphans_are_deleted_and_nothing_else() -> None:
    before = everything()
    collection("runs").insert_one({"_id": "7" * 32, "v": 3, "ck": 5, "b": 0x77, **HEAD})
    log_id = f"{'8' * 32}:note:00000000"
    entry = {"v": 1, "run_id": "8" * 32, "kind": "note", "bucket": 0, "entries": {}}
    collection("run_logs").insert_one({"_id": log_id, **entry})
    collection("experiments").insert_one({"_id": "1", "v": 1, "name": "ghost"})
    config = insert_model_config(name="c", framework="keras", config={"a": 1})
    collection("model_configs").update_one({"_id": config}, {"$set": {"run_id": "6" * 32}})
    is_found_and_mended(
        {
            ("runs", Kind.ORPHAN, "7" * 32),
            ("run_logs", Kind.ORPHAN, log_id),
            ("experiments", Kind.ORPHAN, "1"),
            ("model_configs", Kind.ORPHAN, config),
        }
    )
    assert everything() == before


def test_an_orphan_is_left_until_it_has_been_seen_unchanged_for_a_while() -> None:
    orphan = ("runs", Kind.ORPHAN, "7" * 32)
    collection("runs").insert_one({"_id": "7" * 32, "v": 3, "ck": 5, "b": 0x77, **HEAD})
    report = look(repair=True)
    assert (drift(report), report.mended) == ({orphan}, 0)
    assert "unchanged for 5 minutes" in report.result["findings"][0]["left"]
    long_ago = OrphanSighting.objects.get().first_seen_at - dt.timedelta(minutes=6)
    OrphanSighting.objects.update(first_seen_at=long_ago)
    collection("runs").update_one({"_id": "7" * 32}, {"$set": {"v": 4}})
    assert look(repair=True).mended == 0  # another one than was seen
    OrphanSighting.objects.update(first_seen_at=long_ago)
    assert look(repair=True).mended == 1
    look()
    assert not OrphanSighting.objects.exists()


def test_many_orphans_at_once_are_left_alone() -> None:
    ids = [f"{n:032x}" for n in range(5)]
    collection("runs").insert_many([{"_id": each, "v": 1, "ck": 1, "b": 0, **HEAD} for each in ids])
    report = look(repair=True, terms=Terms(dt.timedelta(0), at_most=4))
    assert (report.found, report.mended) == (5, 0)
    assert "old backup" in report.result["findings"][0]["left"]
    assert look(repair=True, terms=Terms(dt.timedelta(0), at_most=5)).mended == 5


def test_bodies_that_postgresql_has_no_copy_of_are_kept(runs: list[TrainingRun]) -> None:
    before = everything()
    run_id = runs[0].run_id
    BodyPart.objects.filter(owner_id=run_id).delete()
    (log,) = collection("run_logs").find({"run_id": run_id})
    is_found_and_mended({("runs", Kind.UNKEPT, run_id), ("run_logs", Kind.UNKEPT, log["_id"])})
    after = everything()
    for name in ("runs", "run_logs"):
        assert [strip(each) for each in after[name]] == [strip(each) for each in before[name]]
    end_run(run_id=run_id)
    assert drift(look(deep=True)) == set()


def strip(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in ("v", "ck")}


def test_half_a_body_that_was_given_up_gets_its_beginning() -> None:
    run = RunFactory(status="RUNNING", experiment__body_version=0)
    look(repair=True)  # of its experiment
    BodyPart.objects.filter(owner_id=run.run_id).delete()
    collection("runs").delete_one({"_id": run.run_id})
    set_run_tags(run_id=run.run_id, tags={"t": "x"})
    assert OutboxEntry.objects.filter(status=OutboxStatus.PARKED).count() == 1
    is_found_and_mended({("runs", Kind.MISSING, run.run_id)})
    assert collection("runs").find_one({"_id": run.run_id})["tags"] == [{"k": "t", "v": "x"}]  # type: ignore[index]


def test_a_body_that_nobody_has_is_made_of_its_row() -> None:
    run = start_run(experiment="e", run_id="c" * 32, config={"lr": 0.1, "deep": {"layers": 3, "act": "relu"}})
    set_run_tags(run_id=run.run_id, tags={"team": "a"})
    end_run(run_id=run.run_id)
    before = collection("runs").find_one({"_id": run.run_id})
    delete_run(run_id=run.run_id)
    BodyPart.objects.filter(owner_id=run.run_id).delete()
    collection("runs").delete_one({"_id": run.run_id})
    old = RunFactory(status="FINISHED")
    BodyPart.objects.filter(collection="experiments").delete()
    collection("experiments").delete_many({})
    experiments = Experiment.objects.values_list("experiment_id", flat=True)
    is_found_and_mended(
        {("runs", Kind.UNKEPT, run.run_id), ("runs", Kind.UNKEPT, old.run_id)}
        | {("experiments", Kind.UNKEPT, each) for each in experiments}
        | {("leaderboards", Kind.MISSING, old.run_id)}
    )
    after = collection("runs").find_one({"_id": run.run_id})
    assert before is not None
    assert after is not None
    assert strip(after) == strip(before) | {"deleted": True, "environment": {}}  # which no row tells


def test_what_waits_for_delivery_is_no_drift(
    mongodb_away: Callable[[], None], runs: list[TrainingRun]
) -> None:
    set_run_tags(run_id=runs[0].run_id, tags={"team": "b"})
    mongodb_away()
    assert drift(look()) == set()
    assert OutboxEntry.objects.count() == 1


def test_a_delivery_that_was_given_up_is_drift_and_is_tried_again(runs: list[TrainingRun]) -> None:
    run_id = runs[0].run_id
    collection("runs").update_one({"_id": run_id}, {"$set": {"v": 1}})
    OutboxEntry.objects.create(
        topic="runs", aggregate_id=run_id, document_id=run_id, aggregate_version=3,
        status=OutboxStatus.PARKED, last_error="too large",
    )  # fmt: skip
    report = look()
    assert drift(report) == {("runs", Kind.STALE, run_id)}
    assert "given up: too large" in report.result["findings"][0]["detail"]
    is_found_and_mended({("runs", Kind.STALE, run_id)})


def test_a_repair_writes_what_the_parts_make(runs: list[TrainingRun]) -> None:
    plant_differing(runs[0].run_id)
    look(repair=True)
    ((body,),) = read_bodies([("runs", runs[0].run_id)])
    stored = collection("runs").find_one({"_id": runs[0].run_id})
    assert stored is not None
    assert bson.encode(stored) == bson.encode(body.document)


def test_mongodb_being_away_leaves_its_places_unchecked(mongodb_away: Callable[[], None]) -> None:
    report = look(repair=True)
    assert not report.is_clean
    problems = {each["place"]: each["problem"] for each in report.result["places"] if each["problem"]}
    assert problems.keys() == {"runs", "run_logs", "experiments", "customers", "model_configs"}
    assert all("manage.py doctor" in each for each in problems.values())


def test_one_looks_at_a_time() -> None:
    first = reconcile()
    next(first)
    with pytest.raises(ConflictError, match="Another reconcile"):
        from_another_connection()
    first.close()
    assert look().is_clean


def from_another_connection() -> None:
    def work() -> None:
        try:
            look()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()
