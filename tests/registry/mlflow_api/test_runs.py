import datetime as dt
from typing import Any

import pytest

from registry.models import AuditEntry, Experiment, OutboxEntry, TrainingRun
from registry.sync.relay import drain
from registry.sync.run_bodies import kept_body, run_body
from tests.factories import ExperimentFactory, RunFactory

from .conftest import Mlflow, kept

START = 1_700_000_000_123


def test_a_run_is_created_in_one_statement(
    mlflow: Mlflow, experiment: Experiment, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):  # who asks, that they asked now, and the run
        answer = mlflow.post(
            "runs/create",
            experiment_id=experiment.experiment_id,
            start_time=START,
            run_name="first",
            tags=[{"key": "a", "value": "b"}],
        )
    run = TrainingRun.objects.get()
    assert answer["run"]["info"] == {
        "run_uuid": run.run_id,
        "run_id": run.run_id,
        "run_name": "first",
        "experiment_id": experiment.experiment_id,
        "user_id": mlflow.user.username,
        "status": "RUNNING",
        "start_time": START,
        "artifact_uri": f"mlflow-artifacts:/{experiment.experiment_id}/{run.run_id}/artifacts",
        "lifecycle_stage": "active",
    }
    tags = [{"key": "a", "value": "b"}, {"key": "mlflow.runName", "value": "first"}]
    assert answer["run"]["data"] == {"tags": tags}
    assert (run.name, run.created_by, run.version) == ("first", mlflow.user, 1)


@pytest.mark.django_db(transaction=True)
def test_a_new_runs_body_is_promised_and_delivered(
    mlflow: Mlflow, experiment: Experiment, mongo: None
) -> None:
    parent = RunFactory.create(experiment=experiment)
    tag = {"key": "mlflow.parentRunId", "value": parent.run_id}
    info = mlflow.post("runs/create", experiment_id=experiment.experiment_id, tags=[tag])["run"]["info"]
    assert OutboxEntry.objects.filter(aggregate_id=info["run_id"]).count() == 1
    assert AuditEntry.objects.get(subject_id=info["run_id"]).action == "run.start"
    OutboxEntry.objects.update(next_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    drain()
    run = TrainingRun.objects.get(run_id=info["run_id"])
    assert run.parent == parent
    assert run_body(run).body == kept_body(run.run_id) == {
        "experiment_id": experiment.experiment_id,
        "started_at": run.started_at.replace(microsecond=run.started_at.microsecond // 1_000 * 1_000),
        "name": info["run_name"],
        "model_name": "",
        "framework": "",
        "parent_run_id": parent.run_id,
        "status": "RUNNING",
        "tags": [{"k": "mlflow.parentRunId", "v": parent.run_id}, {"k": "mlflow.runName", "v": info["run_name"]}],
        "environment": {},
    }  # fmt: skip


def test_a_run_without_an_experiment_goes_to_the_default_one(mlflow_of: Any, db: None) -> None:
    admin = mlflow_of()
    admin.user.is_superuser = True
    admin.user.save()
    info = admin.post("runs/create", start_time=START)["run"]["info"]
    assert info["experiment_id"] == "0"
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/{info['run_id']}/artifacts"
    assert TrainingRun.objects.get().experiment.name == "Default"


def test_names_that_differ_are_refused(mlflow: Mlflow, experiment: Experiment) -> None:
    fields = {
        "experiment_id": experiment.experiment_id,
        "run_name": "one",
        "tags": [{"key": "mlflow.runName", "value": "two"}],
    }
    status, code, message = mlflow.refused("POST", "runs/create", fields)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "(run_name='one', mlflow.runName='two')" in message


def test_a_run_in_an_experiment_that_does_not_take_it_is_refused(mlflow: Mlflow) -> None:
    deleted = ExperimentFactory.create(
        created_by=mlflow.user, lifecycle="deleted", deleted_at=dt.datetime.now(dt.UTC)
    )
    others = ExperimentFactory.create()
    wanted = {deleted.experiment_id: (400, "INVALID_PARAMETER_VALUE"), others.experiment_id: (403, "PERMISSION_DENIED"),
              "0" * 31 + "1": (404, "RESOURCE_DOES_NOT_EXIST"), "nonsense": (404, "RESOURCE_DOES_NOT_EXIST")}  # fmt: skip
    found = {each: mlflow.refused("POST", "runs/create", {"experiment_id": each})[:2] for each in wanted}
    assert found == wanted
    assert TrainingRun.objects.count() == OutboxEntry.objects.count() == 0


def test_a_run_ends_again_and_again_and_runs_again(mlflow: Mlflow, run: TrainingRun) -> None:
    end = round(run.started_at.timestamp() * 1_000) + 5_000
    ended = {"run_id": run.run_id, "status": "FINISHED", "end_time": str(end), "run_name": "done"}
    answer = mlflow.post("runs/update", **ended)
    assert mlflow.post("runs/update", **ended) == answer
    info = answer["run_info"]
    assert (info["status"], info["end_time"], info["run_name"]) == ("FINISHED", end, "done")
    run.refresh_from_db()
    assert (run.version, run.duration_seconds) == (2, pytest.approx(5, abs=0.001))
    assert run.tags.get(key="mlflow.runName").value == "done"
    assert mlflow.post("runs/update", run_id=run.run_id, status="KILLED")["run_info"]["end_time"] == end
    again = mlflow.post("runs/update", run_uuid=run.run_id, status="RUNNING", end_time=end)["run_info"]
    assert (again["status"], "end_time" in again) == ("RUNNING", False)
    assert kept(run)["name"] == "done"


def test_an_end_before_the_start_becomes_the_start(mlflow: Mlflow, run: TrainingRun) -> None:
    info = mlflow.post("runs/update", run_id=run.run_id, status="FINISHED", end_time=5)["run_info"]
    assert info["end_time"] == info["start_time"]


def test_a_run_is_deleted_and_restored_again_and_again(mlflow: Mlflow, run: TrainingRun) -> None:
    for action, lifecycle in (
        ("delete", "deleted"),
        ("delete", "deleted"),
        ("restore", "active"),
        ("restore", "active"),
    ):
        assert mlflow.post(f"runs/{action}", run_id=run.run_id) == {}
        run.refresh_from_db()
        assert run.lifecycle == lifecycle


@pytest.mark.parametrize("run_id", ["x", "0" * 32, "x" * 10_000, "../../etc/passwd"])
def test_a_run_that_is_not_there_is_not_found(mlflow: Mlflow, run_id: str) -> None:
    for path in ("update", "delete", "restore", "log-metric", "log-batch", "set-tag"):
        fields = (
            {"run_id": run_id, "key": "k", "value": 1, "timestamp": 1}
            if "log" in path
            else {"run_id": run_id, "key": "k", "value": "v"}
        )
        assert mlflow.refused("POST", f"runs/{path}", fields)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
