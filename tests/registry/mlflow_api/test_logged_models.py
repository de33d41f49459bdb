import json
from collections.abc import Callable
from typing import Any

import pytest

from registry.models import (
    Experiment,
    LoggedModel,
    LoggedModelMetric,
    LoggedModelParam,
    RunModel,
    RunTag,
    TrainingRun,
)
from registry.services.permissions import grant_permission
from registry.sync.run_bodies import kept_body
from tests.factories import LoggedModelFactory, RunFactory

from .conftest import Mlflow

pytestmark = pytest.mark.django_db
PARAM, TAG = {"key": "trees", "value": "100"}, {"key": "team", "value": "risk"}
MISSING = (404, "RESOURCE_DOES_NOT_EXIST", "Logged model with ID 'm-1' not found.")


@pytest.fixture
def logged(run: TrainingRun) -> LoggedModel:
    return LoggedModelFactory.create(source_run=run, name="forest")


def path_of(model: LoggedModel) -> str:
    return f"logged-models/m-{model.model_id}"


def model_json(model: LoggedModel, **data: Any) -> dict[str, Any]:
    model.refresh_from_db()
    public_id = model.experiment.experiment_id
    info = {
        "model_id": f"m-{model.model_id}",
        "experiment_id": public_id,
        "name": model.name,
        "creation_timestamp_ms": round(model.created_at.timestamp() * 1_000),
        "last_updated_timestamp_ms": round(model.updated_at.timestamp() * 1_000),
        "artifact_uri": f"mlflow-artifacts:/{public_id}/models/m-{model.model_id}/artifacts",
        "status": {"PENDING": "LOGGED_MODEL_PENDING", "READY": "LOGGED_MODEL_READY"}[model.status],
        "model_type": model.model_type,
        "source_run_id": model.source_run.run_id if model.source_run else "",
    }
    if tags := data.pop("tags", None):
        info["tags"] = tags
    return {"model": {"info": info, "data": data}}


def test_a_model_is_created_finished_and_read(
    mlflow: Mlflow, experiment: Experiment, run: TrainingRun
) -> None:
    fields = {"name": "forest", "model_type": "sklearn", "params": [PARAM], "tags": [TAG]}
    ids = {"experiment_id": experiment.experiment_id, "source_run_id": run.run_id}
    created = mlflow.post("logged-models", **ids, **fields)
    model = LoggedModel.objects.get()
    assert (model.created_by, model.source_run, model.model_type) == (mlflow.user, run, "sklearn")
    assert created == model_json(model, tags=[TAG], params=[PARAM])
    ready = mlflow.patch(path_of(model), model_id="any", status="LOGGED_MODEL_READY")
    assert ready == model_json(model, tags=[TAG], params=[PARAM])
    assert ready["model"]["info"]["status"] == "LOGGED_MODEL_READY"
    assert mlflow.get(path_of(model)) == ready


def test_a_model_in_the_default_experiment_without_a_run_has_a_name(mlflow: Mlflow, settings: Any) -> None:
    settings.DEFAULT_EXPERIMENT_PERMISSION = "EDIT"
    info = mlflow.post("logged-models", experiment_id="0")["model"]["info"]
    model = LoggedModel.objects.get()
    assert (info["experiment_id"], info["source_run_id"], info["name"]) == ("0", "", model.name)
    assert info["artifact_uri"] == f"mlflow-artifacts:/0/models/m-{model.model_id}/artifacts"


@pytest.mark.parametrize("status", [2, "2", "LOGGED_MODEL_READY"])
def test_a_status_is_a_word_or_a_number(mlflow: Mlflow, logged: LoggedModel, status: Any) -> None:
    assert mlflow.patch(path_of(logged), status=status) == model_json(logged)
    assert logged.status == "READY"


def test_a_deleted_model_is_hidden_unless_asked_for(mlflow: Mlflow, logged: LoggedModel) -> None:
    for _ in range(2):
        assert mlflow.delete(path_of(logged)) == {}
    gone = (404, "RESOURCE_DOES_NOT_EXIST", f"Logged model with ID 'm-{logged.model_id}' not found.")
    assert mlflow.refused("GET", path_of(logged)) == gone
    assert mlflow.refused("PATCH", path_of(logged), {"status": 2}) == gone
    assert mlflow.get(path_of(logged), allow_deleted="true") == model_json(logged)


def test_params_are_added_and_never_change(mlflow: Mlflow, logged: LoggedModel) -> None:
    for _ in range(2):
        assert mlflow.post(f"{path_of(logged)}/params", params=[PARAM]) == {}
    other = {"params": [{"key": "trees", "value": "200"}, {"key": "depth", "value": "3"}]}
    status, code, message = mlflow.refused("POST", f"{path_of(logged)}/params", other)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith("Changing param values is not allowed. Param with key='trees'")
    assert list(LoggedModelParam.objects.values_list("key", "value")) == [("trees", "100")]


def test_tags_are_set_and_deleted(mlflow: Mlflow, logged: LoggedModel) -> None:
    mlflow.patch(f"{path_of(logged)}/tags", tags=[TAG, {"key": "a/b", "value": "1"}])
    mlflow.patch(f"{path_of(logged)}/tags", tags=[TAG | {"value": "new"}])
    assert mlflow.delete(f"{path_of(logged)}/tags/a/b") == {}
    assert mlflow.get(path_of(logged)) == model_json(logged, tags=[{"key": "team", "value": "new"}])
    told = f"No tag with key 'a/b' found for model with ID 'm-{logged.model_id}'."
    gone = (404, "RESOURCE_DOES_NOT_EXIST", told)
    assert mlflow.refused("DELETE", f"{path_of(logged)}/tags/a/b") == gone


def test_what_a_model_scored_is_shown_with_it(mlflow: Mlflow, logged: LoggedModel, run: TrainingRun) -> None:
    metric = {"key": "auc", "value": 0.9, "timestamp": 5, "step": 2}
    about = {"model_id": f"m-{logged.model_id}", "dataset_name": "d", "dataset_digest": "x"}
    for _ in range(2):
        mlflow.post("runs/log-metric", run_id=run.run_id, **metric, **about)
    nan = {"key": "loss", "value": "NaN", "timestamp": 6, "step": 0, "model_id": about["model_id"]}
    mlflow.post("runs/log-batch", run_id=run.run_id, metrics=[metric | {"key": "acc"}, nan])
    shown = mlflow.get(path_of(logged))["model"]["data"]["metrics"]
    assert shown == [metric | about | {"run_id": run.run_id}, nan | {"run_id": run.run_id}]
    assert set(run.metrics.values_list("key", flat=True)) == {"auc", "acc", "loss"}


def test_a_metric_of_a_model_that_is_not_mine_to_change_is_refused_whole(
    mlflow: Mlflow, run: TrainingRun
) -> None:
    theirs = LoggedModelFactory.create()
    metric = {"run_id": run.run_id, "key": "auc", "value": 0.9, "timestamp": 5, "step": 2}
    for model_id in (f"m-{theirs.model_id}", "m-1"):
        told = (404, "RESOURCE_DOES_NOT_EXIST", f"Logged model with ID '{model_id}' not found.")
        assert mlflow.refused("POST", "runs/log-metric", metric | {"model_id": model_id}) == told
    assert (LoggedModelMetric.objects.count(), run.metrics.count()) == (0, 0)


def test_models_that_a_run_made_are_linked_once(
    mlflow: Mlflow, logged: LoggedModel, run: TrainingRun
) -> None:
    models = [{"model_id": f"m-{logged.model_id}", "step": "3"}]
    for _ in range(2):
        assert mlflow.post("runs/outputs", run_id=run.run_id, models=models) == {}
    link = RunModel.objects.get()
    assert (link.run, link.model, link.role, link.step) == (run, logged, "output", 3)
    asked = {"run_id": run.run_id, "models": [{"model_id": "m-1"}]}
    assert mlflow.refused("POST", "runs/outputs", asked) == MISSING
    assert mlflow.refused("POST", "runs/outputs", {"run_id": run.run_id})[2].startswith("Missing value")


def test_an_old_client_s_model_is_in_the_run_s_tags_and_body(mlflow: Mlflow, run: TrainingRun) -> None:
    model = {"artifact_path": "a.b", "run_id": run.run_id, "utc_time_created": "now", "flavors": {"x.y": {}}}
    for path in ("a.b", "c"):
        model_json = json.dumps(model | {"artifact_path": path})
        assert mlflow.post("runs/log-model", run_id=run.run_id, model_json=model_json) == {}
    body = kept_body(run.run_id)
    assert body is not None
    assert body["models"] == {"a.b": model, "c": model | {"artifact_path": "c"}}
    history = json.loads(RunTag.objects.get(key="mlflow.log-model.history").value)
    assert history == [model, model | {"artifact_path": "c"}]


def test_a_history_that_someone_else_wrote_is_replaced(mlflow: Mlflow, run: TrainingRun) -> None:
    model = {"artifact_path": "a", "run_id": run.run_id, "utc_time_created": "now", "flavors": {"x": {}}}
    for text in ("no json", "{}"):
        RunTag.objects.update_or_create(run=run, key="mlflow.log-model.history", defaults={"value": text})
        mlflow.post("runs/log-model", run_id=run.run_id, model_json=json.dumps(model))
        assert json.loads(RunTag.objects.get(key="mlflow.log-model.history").value) == [model]
    RunTag.objects.update(value=json.dumps(["x" * 1_000_000]))
    asked = {"run_id": run.run_id, "model_json": json.dumps(model)}
    assert mlflow.refused("POST", "runs/log-model", asked)[2].startswith("The run has too many models")


@pytest.mark.parametrize(
    ("model_json", "told"),
    [
        ("{", "Malformed model info."),
        ("[]", "The model must be a JSON object."),
        (
            '{"flavors": {}, "artifact_path": "a", "run_id": "b", "utc_time_created": "c"}',
            "Model json is missing",
        ),
        ("", "Missing value for required parameter 'model_json'."),
    ],
)
def test_what_is_no_model_is_refused(mlflow: Mlflow, run: TrainingRun, model_json: str, told: str) -> None:
    asked = {"run_id": run.run_id, "model_json": model_json}
    status, code, message = mlflow.refused("POST", "runs/log-model", asked)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith(told)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name": "a/b"}, "Invalid model name ('a/b') provided. Model name must be a non-empty string"),
        ({"name": "a" * 501}, "The model's name has 501 characters; it may have 500."),
        ({"params": [{"key": "a?", "value": ""}]}, "Invalid value 'a?' for parameter 'key' supplied"),
        ({"params": [{"key": "a", "value": "x" * 6_001}]}, "The param 'a' has 6001 characters"),
    ],
)
def test_a_bad_model_is_refused(
    mlflow: Mlflow, experiment: Experiment, fields: dict[str, Any], told: str
) -> None:
    asked = {"experiment_id": experiment.experiment_id} | fields
    status, code, message = mlflow.refused("POST", "logged-models", asked)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message.startswith(told)


def test_a_model_needs_an_open_experiment_and_a_run_in_it(mlflow: Mlflow, experiment: Experiment) -> None:
    mine = {"experiment_id": experiment.experiment_id}
    elsewhere = RunFactory.create(experiment__created_by=mlflow.user)
    told = mlflow.refused("POST", "logged-models", mine | {"source_run_id": elsewhere.run_id})
    assert told == (400, "INVALID_PARAMETER_VALUE", "The source run is in another experiment than the model.")
    mlflow.post("experiments/delete", **mine)
    assert mlflow.refused("POST", "logged-models", mine)[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert (
        mlflow.refused("POST", "logged-models", {"experiment_id": "9"})[2] == "No Experiment with id=9 exists"
    )
    assert mlflow.refused("PATCH", "logged-models/m-1", {"status": 2}) == MISSING


@pytest.mark.parametrize("status", ["NO", 9, ["x"], ""])
def test_an_unknown_status_is_refused(mlflow: Mlflow, logged: LoggedModel, status: Any) -> None:
    told = mlflow.refused("PATCH", path_of(logged), {"status": status})
    assert told[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_a_model_of_an_experiment_that_is_not_mine_does_not_exist(
    mlflow: Mlflow, mlflow_of: Callable[..., Mlflow], logged: LoggedModel
) -> None:
    other = mlflow_of()
    grant_permission(experiment=logged.experiment, user=other.user, level="NO_PERMISSIONS", by=None)
    told = (404, "RESOURCE_DOES_NOT_EXIST", f"Logged model with ID 'm-{logged.model_id}' not found.")
    assert other.refused("GET", path_of(logged)) == told
    assert other.refused("DELETE", path_of(logged)) == told


def test_a_model_is_read_in_as_many_statements_whatever_it_has(
    mlflow: Mlflow, logged: LoggedModel, django_assert_num_queries: Any
) -> None:
    mlflow.get(path_of(logged))
    for number in (1, 2):
        with django_assert_num_queries(3):  # who asks, the model, what it has
            mlflow.get(path_of(logged))
        mlflow.patch(f"{path_of(logged)}/tags", tags=[TAG | {"key": f"k{number}"}])
        mlflow.post(f"{path_of(logged)}/params", params=[PARAM | {"key": f"k{number}"}])
