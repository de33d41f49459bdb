"""Registered models, versions and logged models by filter, through the API."""

from typing import Any

import pytest

from registry.models import (
    Experiment,
    ExperimentPermission,
    LoggedModel,
    LoggedModelMetric,
    LoggedModelParam,
    LoggedModelTag,
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    RegisteredModelTag,
    TrainingRun,
)
from tests.factories import UserFactory

from .conftest import Mlflow


@pytest.fixture
def registered(run: TrainingRun) -> None:
    """Two models, one with two versions, and a prompt."""
    for name in ("cat", "dog", "prompt"):
        model = RegisteredModel.objects.create(name=name)
        RegisteredModelTag.objects.create(model=model, key="kind", value=name)
        for number in (1, 2) if name == "cat" else (1,):
            version = ModelVersion.objects.create(
                model=model, number=number, run=run if number == 1 else None, source=f"s3/{name}/{number}"
            )
            ModelVersionTag.objects.create(version=version, key="n", value=str(number))
            if name == "prompt":
                ModelVersionTag.objects.create(version=version, key="mlflow.prompt.is_prompt", value="true")
    RegisteredModelTag.objects.create(model=model, key="mlflow.prompt.is_prompt", value="true")


MODELS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["cat", "dog"]),
    ({"filter": "tag.`mlflow.prompt.is_prompt` != 'true'"}, ["cat", "dog"]),
    ({"filter": "tag.`mlflow.prompt.is_prompt` = 'true'"}, ["prompt"]),
    ({"filter": "name = 'cat'"}, ["cat"]),
    ({"filter": "name ILIKE 'D%' OR tags.kind = 'cat'", "order_by": ["name DESC"]}, ["dog", "cat"]),
    ({"filter": "name IN ('dog', 'x')"}, ["dog"]),
    ({"order_by": ["timestamp DESC", "name ASC"]}, ["dog", "cat"]),
]


@pytest.mark.usefixtures("registered")
def test_registered_models_are_found(mlflow: Mlflow) -> None:
    for fields, found in MODELS:
        answer = mlflow.get("registered-models/search", **fields)
        assert (fields, [each["name"] for each in answer["registered_models"]]) == (fields, found)


VERSIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"filter": "name = 'cat'"}, ["cat2", "cat1"]),
    ({"filter": "name = 'cat'", "order_by": ["version_number ASC"]}, ["cat1", "cat2"]),
    ({"filter": "version_number > 1"}, ["cat2"]),
    ({"filter": "version_number = '1'", "order_by": ["name DESC"]}, ["dog1", "cat1"]),
    ({"filter": "tags.n = '2' AND source_path LIKE 's3/%'"}, ["cat2"]),
    ({"filter": "run_id = 'none'"}, []),
]


@pytest.mark.usefixtures("registered")
def test_versions_are_found(mlflow: Mlflow) -> None:
    for fields, found in VERSIONS:
        answer = mlflow.get("model-versions/search", **fields).get("model_versions", [])
        assert (fields, [each["name"] + each["version"] for each in answer]) == (fields, found)


@pytest.mark.usefixtures("registered")
def test_models_and_versions_are_paged(mlflow: Mlflow) -> None:
    first = mlflow.get("registered-models/search", max_results=1)
    second = mlflow.get("registered-models/search", max_results=1, page_token=first["next_page_token"])
    assert (second["registered_models"][0]["name"], "next_page_token" in second) == ("dog", False)
    pages, token = [], ""
    for _ in range(3):
        page = mlflow.get("model-versions/search", max_results=1, page_token=token, order_by="name ASC")
        pages.append(page["model_versions"][0]["name"])
        token = page.get("next_page_token", "")
    assert (pages, token) == (["cat", "cat", "dog"], "")


@pytest.mark.usefixtures("registered")
def test_a_version_of_an_experiment_that_may_not_be_read_is_not_found(
    mlflow: Mlflow, mlflow_of: Any, experiment: Experiment, run: TrainingRun
) -> None:
    stranger = UserFactory.create()
    ExperimentPermission.objects.create(experiment=experiment, user=stranger, level="NO_PERMISSIONS")
    told = {"filter": f"run_id = '{run.run_id}'"}
    assert len(mlflow.get("model-versions/search", **told)["model_versions"]) == 2
    assert mlflow_of(stranger).get("model-versions/search", **told) == {}
    logged = {"experiment_ids": [experiment.experiment_id]}
    LoggedModel.objects.create(experiment=experiment, name="m")
    assert mlflow_of(stranger).post("logged-models/search", **logged) == {}


@pytest.fixture
def logged(experiment: Experiment, run: TrainingRun) -> dict[str, Any]:
    """Three logged models: two with metrics on datasets; what a search for them begins with."""
    for number, name in enumerate("abc"):
        model = LoggedModel.objects.create(experiment=experiment, name=name, source_run=run, model_type="t")
        LoggedModel.objects.filter(pk=model.pk).update(created_at=f"2026-01-01 00:00:0{number}Z")
        LoggedModelParam.objects.create(model=model, key="p", value=name)
        LoggedModelTag.objects.create(model=model, key="t", value=name)
        for step, on in enumerate(("train", "test") if name != "c" else ()):
            LoggedModelMetric.objects.create(
                model=model, run=run, key="auc", value=number + step / 2, step=step, timestamp_ms=step,
                dataset_name=on, dataset_digest=f"d{step}",
            )  # fmt: skip
    return {"experiment_ids": [experiment.experiment_id]}


LOGGED: list[tuple[dict[str, Any], str]] = [
    ({}, "cba"),
    ({"filter": "name = 'a' OR params.p = 'b'"}, "ba"),
    ({"filter": "metrics.auc >= 0.5"}, "ba"),
    ({"filter": "metrics.auc > 0.5"}, "b"),
    ({"filter": "metrics.auc < 1", "datasets": [{"dataset_name": "train"}]}, "a"),
    ({"filter": "metrics.auc = 0.5", "datasets": [{"dataset_name": "train"}]}, ""),
    ({"datasets": [{"dataset_name": "test", "dataset_digest": "d1"}]}, "ba"),
    ({"datasets": [{"dataset_name": "test", "dataset_digest": "d0"}, {"dataset_name": "x"}]}, ""),
    ({"filter": "NOT tags.t = 'a' AND model_type = 't'"}, "cb"),
    ({"filter": "creation_timestamp >= 1767225601000 AND status = 'PENDING'"}, "cb"),
    ({"filter": "model_id LIKE 'm-%' AND source_run_id != 'x'"}, "cba"),
    ({"order_by": [{"field_name": "metrics.auc"}]}, "abc"),
    ({"order_by": [{"field_name": "metrics.auc", "ascending": False, "dataset_name": "train"}]}, "bac"),
    ({"order_by": [{"field_name": "name", "ascending": True}]}, "abc"),
    ({"order_by": [{"field_name": "source_run_id"}, {"field_name": "creation_time"}]}, "abc"),
]


def test_logged_models_are_found(mlflow: Mlflow, logged: dict[str, Any]) -> None:
    for fields, found in LOGGED:
        answer = mlflow.post("logged-models/search", **logged, **fields).get("models", [])
        assert (fields, "".join(each["info"]["name"] for each in answer)) == (fields, found)


def test_logged_models_are_paged(mlflow: Mlflow, logged: dict[str, Any]) -> None:
    fields = logged | {"max_results": 2, "order_by": [{"field_name": "metrics.auc", "ascending": False}]}
    first = mlflow.post("logged-models/search", **fields)
    second = mlflow.post("logged-models/search", **fields, page_token=first["next_page_token"])
    assert [each["info"]["name"] for each in first["models"] + second["models"]] == ["b", "a", "c"]


REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("GET", "registered-models/search", {"max_results": 1_001}, "at most 1000"),
    ("GET", "registered-models/search", {"filter": "run_id = 'x'"}, "Invalid attribute key"),
    ("GET", "registered-models/search", {"filter": "tags.kind = 5"}, "Expected a quoted text"),
    ("GET", "model-versions/search", {"order_by": "tags.x"}, "Invalid order_by entity"),
    ("GET", "model-versions/search", {"max_results": 0}, "positive integer"),
    ("POST", "logged-models/search", {"experiment_ids": ["1"], "datasets": [{}]}, "`dataset_name`"),
    (
        "POST",
        "logged-models/search",
        {"experiment_ids": ["1"], "order_by": [{"field_name": "params.x"}]},
        "Only metrics are supported",
    ),
    (
        "POST",
        "logged-models/search",
        {"experiment_ids": ["1"], "order_by": [{"field_name": "x"}]},
        "Invalid order by field name: x",
    ),
    (
        "POST",
        "logged-models/search",
        {"experiment_ids": ["1"], "filter": "params.x > 1"},
        "Compare 'x' with a quoted text",
    ),
]


def test_a_wrong_search_is_refused(mlflow: Mlflow) -> None:
    for method, path, fields, why in REFUSED:
        status, code, message = mlflow.refused(method, path, fields)
        assert (status, code, why in message) == (400, "INVALID_PARAMETER_VALUE", True), message
