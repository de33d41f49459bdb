"""Who may do what: a genuine mlflow server asks nobody, ours asks everybody."""

from collections.abc import Callable

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from tests.mlflow_client.platform_site import OurSite
from tests.mlflow_client.refusal import refused

pytestmark = pytest.mark.ours


def test_nobody_and_a_wrong_token_get_nowhere(
    client: MlflowClient, experiment: str, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for token in ("mlp_wrong", "nonsense", None):
        if token:
            monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
        else:
            monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
        for ask in (
            lambda: client.get_run(run),
            lambda: client.log_metric(run, "a", 1),
            lambda: client.create_experiment("by nobody"),
            client.search_registered_models,
            lambda: mlflow.set_experiment("by nobody"),
        ):
            with refused("UNAUTHENTICATED"):
                ask()


def test_an_expired_token_is_told(client: MlflowClient, run: str, as_user: Callable[[str], None]) -> None:
    as_user("old")
    with refused("UNAUTHENTICATED"):
        client.get_run(run)


def test_a_user_and_a_token_may_come_as_basic_authentication(
    ours: OurSite, client: MlflowClient, run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_TOKEN")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "ada")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", ours.tokens["ada"])
    assert client.get_run(run).info.run_id == run
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "wrong")
    with refused("UNAUTHENTICATED"):
        client.get_run(run)


def test_a_token_for_reading_reads_only(
    client: MlflowClient, run: str, as_user: Callable[[str], None]
) -> None:
    as_user("rex")
    assert client.get_run(run).info.run_id == run
    for write in (
        lambda: client.log_metric(run, "a", 1),
        lambda: client.set_tag(run, "a", "b"),
        lambda: client.delete_run(run),
        lambda: client.create_experiment("by a reader"),
        lambda: client.create_registered_model("by a reader"),
    ):
        with refused("PERMISSION_DENIED"):
            write()


def test_others_may_look_and_not_write(
    client: MlflowClient, run: str, as_user: Callable[[str], None]
) -> None:
    client.log_text(run, "words", "t.txt")
    as_user("eve")
    assert mlflow.artifacts.load_text(f"runs:/{run}/t.txt") == "words"
    for write in (
        lambda: client.log_metric(run, "a", 1),
        lambda: client.log_param(run, "a", 1),
        lambda: client.set_terminated(run),
        lambda: client.delete_run(run),
    ):
        with refused("PERMISSION_DENIED"):
            write()
    with pytest.raises(requests.HTTPError, match="403"):
        client.log_text(run, "other words", "t.txt")
    as_user("ada")
    assert mlflow.artifacts.load_text(f"runs:/{run}/t.txt") == "words"


def test_what_is_hidden_does_not_exist(
    ours: OurSite, client: MlflowClient, experiment: str, run: str, as_user: Callable[[str], None]
) -> None:
    client.log_text(run, "words", "t.txt")
    model = mlflow.initialize_logged_model("hidden")
    ours.manage("permission", "grant", client.get_experiment(experiment).name, "eve", "NO_PERMISSIONS")
    as_user("eve")
    for ask in (
        lambda: client.get_experiment(experiment),
        lambda: client.get_run(run),
        lambda: client.log_metric(run, "a", 1),
        lambda: mlflow.get_logged_model(model.model_id),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST"):
            ask()
    assert client.search_runs([experiment]) == []
    assert client.search_logged_models([experiment]) == []
    assert experiment not in [each.experiment_id for each in client.search_experiments()]
    repository = get_artifact_repository(f"mlflow-artifacts:/{experiment}/{run}/artifacts")
    with pytest.raises(requests.HTTPError, match="404"):
        repository.list_artifacts()
