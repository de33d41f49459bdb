from collections.abc import Callable
from typing import Any

import pytest

from registry.models import AuditEntry, Deployment, ModelAlias, ModelVersion, RegisteredModel, TrainingRun
from registry.services.permissions import grant_permission
from tests.factories import ModelVersionFactory, RegisteredModelFactory, RunFactory

from .conftest import Mlflow

pytestmark = pytest.mark.django_db
TAG = {"key": "team", "value": "risk"}


@pytest.fixture
def model(mlflow: Mlflow) -> RegisteredModel:
    return RegisteredModelFactory.create(name="churn", created_by=mlflow.user)


@pytest.fixture
def versions(model: RegisteredModel, run: TrainingRun) -> list[ModelVersion]:
    return [ModelVersionFactory.create(model=model, number=number, run=run) for number in (1, 2, 3)]


def ms(row: Any) -> tuple[int, int]:
    row.refresh_from_db()
    return round(row.created_at.timestamp() * 1_000), round(row.updated_at.timestamp() * 1_000)


def version_json(version: ModelVersion, **more: Any) -> dict[str, Any]:
    created, updated = ms(version)
    return {
        "name": version.model.name,
        "version": str(version.number),
        "creation_timestamp": created,
        "last_updated_timestamp": updated,
        "current_stage": version.stage,
        "description": version.description,
        "source": version.source,
        "run_id": version.run.run_id if version.run else "",
        "status": "READY",
        "run_link": "",
    } | more


def test_a_model_is_registered_and_read(mlflow: Mlflow) -> None:
    answer = mlflow.post("registered-models/create", name="churn", description="who leaves", tags=[TAG])
    created, updated = ms(RegisteredModel.objects.get())
    expected = {
        "name": "churn",
        "creation_timestamp": created,
        "last_updated_timestamp": updated,
        "description": "who leaves",
        "tags": [TAG],
    }
    assert answer == {"registered_model": expected}
    assert mlflow.get("registered-models/get", name="churn") == answer
    assert RegisteredModel.objects.get().created_by == mlflow.user
    assert AuditEntry.objects.filter(action="model.register", user=mlflow.user).count() == 1


def test_a_model_comes_with_its_aliases_and_the_newest_version_of_each_stage(
    mlflow: Mlflow, model: RegisteredModel, versions: list[ModelVersion]
) -> None:
    ModelVersion.objects.filter(number=1).update(stage="Production")
    ModelAlias.objects.create(model=model, alias="champion", version=versions[0])
    shown = mlflow.get("registered-models/get", name="churn")["registered_model"]
    assert shown["aliases"] == [{"alias": "champion", "version": "1"}]
    newest = [versions[0], versions[2]]
    assert shown["latest_versions"] == [version_json(each) for each in newest]
    latest = mlflow.post("registered-models/get-latest-versions", name="churn")["model_versions"]
    assert latest == [version_json(newest[0], aliases=["champion"]), version_json(newest[1])]
    asked = {"name": "churn", "stages": ["none"]}
    assert mlflow.get("registered-models/get-latest-versions", **asked)["model_versions"] == latest[1:]
    assert mlflow.post("registered-models/get-latest-versions", name="churn", stages=["Staging"]) == {}


def test_a_model_is_read_in_as_many_statements_whatever_it_has(
    mlflow: Mlflow, versions: list[ModelVersion], django_assert_num_queries: Any
) -> None:
    mlflow.get("registered-models/get", name="churn")
    for number in (1, 2):
        with django_assert_num_queries(4):  # who asks, the model, its versions, its tags and aliases
            mlflow.get("registered-models/get", name="churn")
        ModelAlias.objects.create(model=versions[0].model, alias=f"alias-{number}", version=versions[0])
        ModelVersion.objects.filter(number=number).update(stage="Staging")


def test_a_model_is_renamed_with_its_versions(mlflow: Mlflow, versions: list[ModelVersion]) -> None:
    renamed = mlflow.post("registered-models/rename", name="churn", new_name="leavers")["registered_model"]
    assert [renamed["name"], renamed["latest_versions"][0]["name"]] == ["leavers", "leavers"]
    assert mlflow.get("model-versions/get", name="leavers", version="1")["model_version"]["version"] == "1"
    assert mlflow.post("registered-models/rename", name="leavers", new_name="leavers")
    RegisteredModelFactory.create(name="taken")
    fields = {"name": "leavers", "new_name": "taken"}
    taken = (400, "RESOURCE_ALREADY_EXISTS", "Registered Model (name=taken) already exists.")
    assert mlflow.refused("POST", "registered-models/rename", fields) == taken


def test_a_model_is_described_anew(mlflow: Mlflow, model: RegisteredModel) -> None:
    changed = mlflow.patch("registered-models/update", name="churn", description="who goes")
    assert changed["registered_model"]["description"] == "who goes"
    assert "description" not in mlflow.patch("registered-models/update", name="churn")["registered_model"]


def test_a_model_is_deleted_with_everything_but_its_files(
    mlflow: Mlflow, model: RegisteredModel, versions: list[ModelVersion]
) -> None:
    Deployment.objects.create(model=model, version=versions[0], environment="staging", status="retired")
    assert mlflow.delete("registered-models/delete", name="churn") == {}
    assert (RegisteredModel.objects.count(), ModelVersion.objects.count(), TrainingRun.objects.count()) == (
        0, 0, 1,
    )  # fmt: skip
    missing = (404, "RESOURCE_DOES_NOT_EXIST", "Registered Model with name=churn not found")
    assert mlflow.refused("DELETE", "registered-models/delete", {"name": "churn"}) == missing


@pytest.mark.parametrize("status", ["live", "requested"])
def test_a_deployed_model_is_neither_deleted_nor_renamed(
    mlflow: Mlflow, model: RegisteredModel, versions: list[ModelVersion], status: str
) -> None:
    Deployment.objects.create(model=model, version=versions[1], environment="production", status=status)
    told = (400, "INVALID_PARAMETER_VALUE", "Version 2 is deployed in production. Retire that first.")
    named = {"name": "churn", "new_name": "other", "version": "2"}
    assert mlflow.refused("DELETE", "registered-models/delete", named) == told
    assert mlflow.refused("POST", "registered-models/rename", named) == told
    assert mlflow.refused("DELETE", "model-versions/delete", named) == told
    assert ModelVersion.objects.count() == 3


def test_tags_of_a_model_are_set_and_deleted(mlflow: Mlflow, model: RegisteredModel) -> None:
    for value in ("a", "b"):
        assert mlflow.post("registered-models/set-tag", name="churn", key="team", value=value) == {}
    shown = mlflow.get("registered-models/get", name="churn")["registered_model"]
    assert shown["tags"] == [{"key": "team", "value": "b"}]
    for _ in range(2):
        assert mlflow.delete("registered-models/delete-tag", name="churn", key="team") == {}
    assert "tags" not in mlflow.get("registered-models/get", name="churn")["registered_model"]


def test_an_alias_is_set_read_and_deleted(mlflow: Mlflow, versions: list[ModelVersion]) -> None:
    for version in ("1", "2"):
        fields = {"name": "churn", "alias": "champion", "version": version}
        assert mlflow.post("registered-models/alias", **fields) == {}
    champion = {"name": "churn", "alias": "champion"}
    found = mlflow.get("registered-models/alias", **champion)
    assert found == {"model_version": version_json(versions[1], aliases=["champion"])}
    newest = mlflow.get("registered-models/alias", name="churn", alias="Latest")
    assert newest == {"model_version": version_json(versions[2])}
    for _ in range(2):
        assert mlflow.delete("registered-models/alias", **champion) == {}
    gone = (400, "INVALID_PARAMETER_VALUE", "Registered model alias champion not found.")
    assert mlflow.refused("GET", "registered-models/alias", champion) == gone


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("create", {"name": "churn"}, "Registered Model (name=churn) already exists."),
        ("create", {"name": "a/b"}, "Invalid model name 'a/b'. Names cannot contain '/' or ':'."),
        ("create", {"name": ".."}, "Invalid model name '..': it would name a folder"),
        ("create", {"name": " "}, "The model's name is blank."),
        ("create", {"name": "x" * 256}, "The model's name has 256 characters; it may have 255."),
        ("rename", {"name": "churn"}, "Missing value for required parameter 'new_name'."),
        (
            "set-tag",
            {"name": "churn", "key": "k" * 251},
            "'key' exceeds the maximum length of 250 characters",
        ),
        ("set-tag", {"name": "churn", "key": "a?"}, "Invalid value 'a?' for parameter 'key' supplied"),
        ("set-tag", {"name": "churn", "key": "a/../b"}, "Invalid value 'a/../b' for parameter 'key'"),
        (
            "alias",
            {"name": "churn", "alias": "latest", "version": "1"},
            "'latest' alias name (case insensitive) is",
        ),
        ("alias", {"name": "churn", "alias": "V1", "version": "1"}, "Version alias name 'V1' is reserved."),
        ("alias", {"name": "churn", "alias": "a b", "version": "1"}, "Invalid alias name: 'a b'."),
        ("alias", {"name": "churn", "alias": "ok", "version": "x"}, "Parameter 'version' must be an integer"),
        ("alias", {"name": "churn", "alias": "ok"}, "Missing value for required parameter 'version'."),
        ("get-latest-versions", {"name": "churn", "stages": ["x"]}, "Invalid Model Version stage: x."),
    ],
)
def test_a_bad_request_is_told_what_is_wrong(
    mlflow: Mlflow, versions: list[ModelVersion], path: str, fields: dict[str, Any], told: str
) -> None:
    status, code, message = mlflow.refused("POST", f"registered-models/{path}", fields)
    expected = "RESOURCE_ALREADY_EXISTS" if "already" in told else "INVALID_PARAMETER_VALUE"
    assert (status, code) == (400, expected)
    assert message.startswith(told)


def test_a_model_without_versions_has_no_latest_one(mlflow: Mlflow, model: RegisteredModel) -> None:
    asked = {"name": "churn", "alias": "latest"}
    told = (404, "RESOURCE_DOES_NOT_EXIST", "Latest version not found for model churn.")
    assert mlflow.refused("GET", "registered-models/alias", asked) == told


def test_who_may_edit_a_version_may_change_what_is_said_of_the_model(
    mlflow_of: Callable[..., Mlflow], versions: list[ModelVersion]
) -> None:
    other = mlflow_of()
    hidden = ModelVersionFactory.create(model=versions[0].model, number=9)
    grant_permission(experiment=hidden.run.experiment, user=other.user, level="NO_PERMISSIONS", by=None)
    tag = {"name": "churn", "key": "a"}
    assert other.refused("POST", "registered-models/set-tag", tag)[0] == 403
    grant_permission(experiment=versions[0].run.experiment, user=other.user, level="EDIT", by=None)
    assert other.post("registered-models/set-tag", **tag) == {}


def test_a_tag_s_value_fits_a_hundred_thousand_characters(mlflow: Mlflow, model: RegisteredModel) -> None:
    tag = {"name": "churn", "key": "a", "value": "x" * 100_001}
    told = (400, "INVALID_PARAMETER_VALUE", "'value' exceeds the maximum length of 100000 characters")
    assert mlflow.refused("POST", "registered-models/set-tag", tag) == told


def test_versions_that_one_may_not_know_of_are_left_out(
    mlflow: Mlflow, versions: list[ModelVersion], mlflow_of: Callable[..., Mlflow]
) -> None:
    hidden = ModelVersionFactory.create(
        model=versions[0].model, number=4, run=RunFactory.create(experiment__created_by=None)
    )
    ModelAlias.objects.create(model=hidden.model, alias="secret", version=hidden)
    grant_permission(experiment=hidden.run.experiment, user=mlflow.user, level="NO_PERMISSIONS", by=None)
    shown = mlflow.get("registered-models/get", name="churn")["registered_model"]
    assert "aliases" not in shown
    assert [each["version"] for each in shown["latest_versions"]] == ["3"]
    asked = {"name": "churn", "alias": "secret"}
    assert mlflow.refused("GET", "registered-models/alias", asked)[0] == 400
    assert mlflow.refused("DELETE", "registered-models/alias", asked)[0] == 403
    assert mlflow.refused("DELETE", "registered-models/delete", asked)[0] == 403
    assert len(mlflow_of().get("registered-models/get", name="churn")["registered_model"]["aliases"]) == 1


def test_a_name_belongs_to_who_registered_it(
    mlflow: Mlflow, model: RegisteredModel, mlflow_of: Callable[..., Mlflow]
) -> None:
    other = mlflow_of()
    for method, path in (("DELETE", "delete"), ("PATCH", "update"), ("POST", "set-tag")):
        fields = {"name": "churn", "key": "a"}
        assert other.refused(method, f"registered-models/{path}", fields)[1] == "PERMISSION_DENIED"
    assert mlflow.delete("registered-models/delete", name="churn") == {}
