"""Runs: how they begin, end, nest, resume, vanish and come back."""

import time

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import RunStatus, ViewType

from tests.mlflow_client.platform_site import Site
from tests.mlflow_client.refusal import refused


def test_a_fluent_run_ends_finished(client: MlflowClient, experiment: str) -> None:
    before = int(time.time() * 1000)
    with mlflow.start_run(run_name="first", tags={"a": "b"}, description="words") as active:
        assert client.get_run(active.info.run_id).info.status == "RUNNING"
    run = mlflow.get_run(active.info.run_id)
    assert (run.info.run_name, run.info.status, run.info.lifecycle_stage) == ("first", "FINISHED", "active")
    assert run.info.experiment_id == experiment
    assert run.info.artifact_uri == f"mlflow-artifacts:/{experiment}/{run.info.run_id}/artifacts"
    assert before <= run.info.start_time <= run.info.end_time
    assert run.data.tags["a"] == "b"
    assert run.data.tags["mlflow.note.content"] == "words"
    assert run.data.tags["mlflow.runName"] == "first"
    assert run.data.tags["mlflow.source.type"] == "LOCAL"


def test_a_run_that_raises_ends_failed(client: MlflowClient, experiment: str) -> None:
    with pytest.raises(ZeroDivisionError), mlflow.start_run() as active:
        1 / 0  # noqa: B018
    assert client.get_run(active.info.run_id).info.status == "FAILED"


def test_a_run_without_a_name_is_given_one(client: MlflowClient, experiment: str) -> None:
    run = client.create_run(experiment)
    assert run.info.run_name
    assert run.data.tags["mlflow.runName"] == run.info.run_name


def test_the_name_is_said_once_or_alike(client: MlflowClient, experiment: str) -> None:
    with refused("INVALID_PARAMETER_VALUE", "Both 'run_name' argument and 'mlflow.runName' tag"):
        client.create_run(experiment, run_name="a", tags={"mlflow.runName": "b"})
    assert client.create_run(experiment, tags={"mlflow.runName": "b"}).info.run_name == "b"


def test_the_start_time_that_the_client_says_is_kept(client: MlflowClient, experiment: str) -> None:
    run_id = client.create_run(experiment, start_time=1_600_000_000_123, run_name="old").info.run_id
    assert client.get_run(run_id).info.start_time == 1_600_000_000_123


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_is_terminated_with_a_status_and_a_time(
    client: MlflowClient, experiment: str, status: str
) -> None:
    run = client.create_run(experiment, start_time=1_600_000_000_000).info.run_id
    client.set_terminated(run, status, end_time=1_700_000_000_000)
    info = client.get_run(run).info
    assert (info.status, info.end_time) == (status, 1_700_000_000_000)


def test_terminating_twice_is_harmless_and_the_last_word_stands(client: MlflowClient, run: str) -> None:
    client.set_terminated(run, "FINISHED")
    client.set_terminated(run, "FINISHED")
    client.set_terminated(run, "FAILED")
    assert client.get_run(run).info.status == "FAILED"


def test_a_run_is_scheduled_then_renamed(client: MlflowClient, run: str) -> None:
    client.update_run(run, status="SCHEDULED", name="other")
    found = client.get_run(run)
    assert (found.info.status, found.info.run_name) == (RunStatus.to_string(RunStatus.SCHEDULED), "other")
    assert found.data.tags["mlflow.runName"] == "other"


def test_setting_the_name_tag_renames_the_run(client: MlflowClient, run: str) -> None:
    client.set_tag(run, "mlflow.runName", "by tag")
    assert client.get_run(run).info.run_name == "by tag"


def test_nested_runs_know_their_parent(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run(run_name="parent") as parent:
        with mlflow.start_run(run_name="child", nested=True) as child:
            with mlflow.start_run(run_name="grandchild", nested=True) as grandchild:
                pass
    assert mlflow.get_parent_run(child.info.run_id).info.run_id == parent.info.run_id
    assert mlflow.get_parent_run(grandchild.info.run_id).info.run_id == child.info.run_id
    assert mlflow.get_parent_run(parent.info.run_id) is None
    children = client.search_runs([experiment], f"tags.`mlflow.parentRunId` = '{parent.info.run_id}'")
    assert [each.info.run_id for each in children] == [child.info.run_id]


def test_a_finished_run_is_resumed(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as active:
        mlflow.log_metric("loss", 2, step=1)
        mlflow.log_param("lr", 0.1)
    with mlflow.start_run(run_id=active.info.run_id) as again:
        assert client.get_run(again.info.run_id).info.status == "RUNNING"
        mlflow.log_metric("loss", 1, step=2)
        mlflow.log_param("depth", 3)
    run = client.get_run(active.info.run_id)
    assert (run.info.status, run.data.metrics) == ("FINISHED", {"loss": 1.0})
    assert run.data.params == {"lr": "0.1", "depth": "3"}
    assert [point.value for point in client.get_metric_history(run.info.run_id, "loss")] == [2, 1]


def test_a_deleted_run_is_read_but_not_written(client: MlflowClient, run: str) -> None:
    client.log_metric(run, "loss", 1)
    client.delete_run(run)
    found = client.get_run(run)
    assert (found.info.lifecycle_stage, found.data.metrics) == ("deleted", {"loss": 1.0})
    for write in (
        lambda: client.log_metric(run, "loss", 2),
        lambda: client.log_param(run, "a", 1),
        lambda: client.set_tag(run, "a", 1),
        lambda: client.delete_tag(run, "a"),
        lambda: client.log_batch(run, params=[mlflow.entities.Param("a", "1")]),
        lambda: client.set_terminated(run),
    ):
        with refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state"):
            write()
    with pytest.raises(mlflow.MlflowException, match="deleted state"):
        mlflow.start_run(run_id=run)


def test_a_deleted_run_comes_back(client: MlflowClient, experiment: str, run: str) -> None:
    client.delete_run(run)
    client.delete_run(run)
    assert client.search_runs([experiment]) == []
    assert [each.info.run_id for each in client.search_runs([experiment], "", ViewType.DELETED_ONLY)] == [run]
    client.restore_run(run)
    client.restore_run(run)
    client.log_metric(run, "loss", 1)
    assert [each.info.run_id for each in client.search_runs([experiment])] == [run]


def test_an_unknown_run_is_told(client: MlflowClient, site: Site) -> None:
    for ask in (
        lambda: client.get_run("0" * 32),
        lambda: client.log_metric("0" * 32, "a", 1),
        lambda: client.log_param("0" * 32, "a", 1),
        lambda: client.set_tag("0" * 32, "a", 1),
        lambda: client.log_batch("0" * 32, params=[mlflow.entities.Param("a", "1")]),
        lambda: client.delete_run("0" * 32),
        lambda: client.restore_run("0" * 32),
        lambda: client.update_run("0" * 32, status="FINISHED"),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST"):
            ask()


def test_an_unknown_experiment_takes_no_run(client: MlflowClient, site: Site) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", "No Experiment with id"):
        client.create_run("4711471147")
