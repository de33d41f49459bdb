"""Bodies made of rows that nobody promised anything for, many at once."""

import datetime as dt
import math
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from registry.documents import plain
from registry.documents.connection import collection
from registry.documents.tombstones import delete_tombstones
from registry.enums import OutboxStatus, OutboxTarget, RunStatus
from registry.exceptions import BadInputError, BodyTooLargeError
from registry.models import BodyPart, OutboxEntry, RunInput, RunTag, TrainingRun
from registry.services.housekeeping import clear_tombstones
from registry.services.params import log_params, read_leaves
from registry.services.purges import purge_run
from registry.services.run_custom import set_run_custom
from registry.services.run_log import add_note
from registry.services.runs import end_run
from registry.services.tags import set_run_tags
from registry.sync.backfill import deliver_bodies, promise_bodies
from registry.sync.relay import drain
from registry.sync.run_bodies import run_body
from tests.factories import ExperimentFactory, MetricFactory, ParamFactory, RunFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def written(number: int = 1, **named: Any) -> list[TrainingRun]:
    """Rows of runs with params, tags and metrics, as plain SQL leaves them: no body anywhere."""
    runs = RunFactory.create_batch(number, experiment=ExperimentFactory.create(), **named)
    for run in runs:
        ParamFactory.create(run=run, key="optimizer.lr", value="0.1")
        ParamFactory.create(run=run, key="layers", value="[64, 32]", value_number=None)
        MetricFactory.create(run=run, key="loss", latest_value=0.25)
        RunTag.objects.create(run=run, key="team", value="a")
    return runs


def promise(runs: list[TrainingRun], **named: Any) -> int:
    with transaction.atomic():
        return promise_bodies([run.run_id for run in runs], **named)


def body_of(run: TrainingRun) -> dict[str, Any]:
    deliver_bodies([run.run_id])
    run.refresh_from_db()
    found = run_body(run).body
    assert found is not None
    return found


def test_rows_become_a_body_as_the_services_would_have_made_it() -> None:
    (run,) = written(name="by hand", status=RunStatus.FINISHED)
    RunInput.objects.create(run=run, dataset=run.dataset, context="training")
    assert run.dataset
    assert promise([run]) == 1
    assert body_of(run) == {
        "experiment_id": run.experiment.experiment_id,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "name": "by hand",
        "model_name": "forest",
        "framework": "scikit-learn",
        "dataset": run.dataset.name,
        "inputs": [{"dataset": run.dataset.name, "digest": run.dataset.digest, "context": "training"}],
        "status": "FINISHED",
        "tags": [{"k": "team", "v": "a"}],
        "params": {"optimizer": {"lr": 0.1}, "layers": [64, 32]},
        "metrics": {"loss": 0.25},
        "environment": {},
    }
    assert run.body_version == 1
    assert run.body_bytes > 0
    assert not OutboxEntry.objects.exists()


def test_what_is_given_beside_the_rows_is_in_the_body_with_its_types() -> None:
    (run,) = written(status=RunStatus.RUNNING)
    promise(
        [run],
        params={run.run_id: read_leaves({"lr": "0.1", "deep": {"a.b": math.inf}})},
        environment={run.run_id: {"python": "3.11"}},
        custom={run.run_id: {"any.key": [1, {"x": None}]}},
    )
    body = body_of(run)
    assert body["params"] == {"lr": "0.1", "deep": {"a.b": math.inf}}
    assert (body["environment"], body["custom"]) == ({"python": "3.11"}, {"any.key": [1, {"x": None}]})
    assert ("ended_at" in body, "metrics" in body) == (False, False)


def test_redis_is_owed_the_runs_that_have_ended() -> None:
    ended, running = written(), written(status=RunStatus.RUNNING)
    promise([*ended, *running])
    owed = OutboxEntry.objects.values_list("target", "aggregate_id").order_by("target", "id")
    assert list(owed) == [
        (OutboxTarget.MONGODB, ended[0].run_id),
        (OutboxTarget.MONGODB, running[0].run_id),
        (OutboxTarget.REDIS, ended[0].run_id),
    ]


def test_a_thousand_runs_cost_as_many_statements_as_one() -> None:
    few, many = written(1), written(30)
    with CaptureQueriesContext(connection) as of_few:
        promise(few)
    with CaptureQueriesContext(connection) as of_many:
        promise(many)
    # eight, and what begins and ends the transaction; the relay is woken once a second
    asked = [
        [each["sql"] for each in captured if "NOTIFY" not in each["sql"]] for captured in (of_few, of_many)
    ]
    assert [len(each) for each in asked] == [10, 10]


def test_parts_that_exist_stay_as_they_are() -> None:
    (run,) = written(status=RunStatus.RUNNING)
    promise([run])
    set_run_tags(run_id=run.run_id, tags={"team": "b"})
    set_run_custom(run_id=run.run_id, custom={"note": 1})
    before = body_of(run)
    parts = list(BodyPart.objects.values_list("part", "version", "checksum"))
    assert promise([run]) == 0
    assert list(BodyPart.objects.values_list("part", "version", "checksum")) == parts
    assert body_of(run) == before


def test_a_run_that_was_changed_before_it_had_a_body_keeps_the_change() -> None:
    (run,) = written(status=RunStatus.RUNNING)
    set_run_tags(run_id=run.run_id, tags={"team": "b"})
    set_run_custom(run_id=run.run_id, custom={"note": 1})
    assert collection("runs").count_documents({}) == 0  # its validator refuses half a body
    assert OutboxEntry.objects.filter(status=OutboxStatus.PARKED).exists()
    assert promise([run]) == 1
    body = body_of(run)
    assert (body["tags"], body["custom"]) == ([{"k": "team", "v": "b"}], {"note": 1})
    assert (body["params"]["layers"], body["status"]) == ([64, 32], "RUNNING")
    assert not OutboxEntry.objects.exists()


def test_what_comes_after_lies_over_what_was_made() -> None:
    (run,) = written(status=RunStatus.RUNNING)
    promise([run])
    log_params(run_id=run.run_id, params={"optimizer": {"beta": 2}})
    end_run(run_id=run.run_id, status="FAILED", ended_at=run.started_at + dt.timedelta(seconds=5))
    body = body_of(run)
    assert body["params"]["optimizer"] == {"lr": 0.1, "beta": 2}
    assert (body["status"], body["metrics"]) == ("FAILED", {"loss": 0.25})


def test_a_param_that_is_a_value_and_a_group_keeps_both() -> None:
    (run,) = written(status=RunStatus.RUNNING)
    ParamFactory.create(run=run, key="optimizer", value="adam", value_number=None)
    ParamFactory.create(run=run, key="x" + ".y" * 100, value="1")
    promise([run])
    assert body_of(run)["params"] == {
        "layers": [64, 32],
        "optimizer": {"": "adam"},
        "optimizer.lr": 0.1,
        "x" + ".y" * 100: 1,
    }


def test_a_run_in_the_bin_stays_there_and_one_that_is_being_purged_is_passed_over() -> None:
    (deleted,) = written(lifecycle="deleted", deleted_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
    (purging,) = written(lifecycle="purging", deleted_at=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))
    assert promise([deleted, purging]) == 1
    assert body_of(deleted)["deleted"] is True


def test_a_run_under_the_id_of_a_purged_one_begins_above_its_tombstone() -> None:
    (run,) = written()
    promise([run])
    drain()
    purge_run(run_id=run.run_id)
    (again,) = written(run_id=run.run_id, name="again")
    assert promise([again]) == 1
    assert body_of(again)["name"] == "again"
    assert again.version == again.body_version == 3
    assert not BodyPart.objects.filter(part="tombstone").exists()


def test_the_notes_of_a_run_that_came_back_lie_in_no_tombstone() -> None:
    (run,) = written()
    promise([run])
    add_note(run_id=run.run_id, text="of the one before")
    drain()
    purge_run(run_id=run.run_id)
    drain()
    (again,) = written(run_id=run.run_id)
    promise([again])
    drain()
    (bucket,) = collection("run_logs").find({"run_id": run.run_id})
    assert (bucket["entries"], "purged_at" in bucket) == ({}, False)
    note = add_note(run_id=run.run_id, text="of the new one")
    drain()
    clear_tombstones(older_than=dt.timedelta())
    (bucket,) = collection("run_logs").find({"run_id": run.run_id})
    assert (list(bucket["entries"]), "deleted" in bucket) == ([note], False)
    assert collection("runs").count_documents({"_id": run.run_id, "purged_at": {"$exists": False}}) == 1


def test_a_document_that_is_newer_than_its_tombstone_is_not_cleared_away() -> None:
    """Housekeeping read the tombstone just before the run came back."""
    (run,) = written()
    promise([run])
    drain()
    purge_run(run_id=run.run_id)
    drain()
    (kept,) = collection("runs").find({"_id": run.run_id})
    collection("runs").update_one({"_id": run.run_id}, {"$inc": {"v": 1}})
    assert delete_tombstones("runs", {run.run_id: kept["v"]}) == 0
    assert delete_tombstones("runs", {run.run_id: kept["v"] + 1}) == 1
    assert delete_tombstones("runs", {}) == 0


def test_a_body_that_is_too_large_is_refused_with_the_whole_transaction(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plain, "MAX_BODY_BYTES", 2_000)
    small, large = written(), written()
    ParamFactory.create(run=large[0], key="text", value="x" * 2_000, value_number=None)
    with pytest.raises(BodyTooLargeError):
        promise([*small, *large])
    assert not BodyPart.objects.exists()


def test_a_leaf_inside_a_leaf_is_refused() -> None:
    (run,) = written()
    with pytest.raises(BadInputError, match=run.run_id):
        promise([run], params={run.run_id: {("a",): 1, ("a", "b"): 2}})


def test_bodies_are_promised_in_a_transaction_only() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        promise_bodies([])


def test_large_params_are_read_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = written(3)
    monkeypatch.setattr("registry.sync.row_bodies.MAX_CHUNK_BYTES", 20)
    assert promise(runs) == 3
    assert [body_of(run)["params"]["layers"] for run in runs] == [[64, 32]] * 3
