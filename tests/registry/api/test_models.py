from collections.abc import Callable
from typing import Any

import pytest

from registry.models import ModelAlias, ModelVersion
from registry.services.permissions import grant_permission
from tests.factories import ArtifactFactory, ExperimentFactory, RegisteredModelFactory, RunFactory

from .conftest import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def owned(api: Api) -> ModelVersion:
    """A version of the model m that the caller's experiment made, the champion."""
    run = RunFactory.create(experiment=ExperimentFactory.create(created_by=api.user))
    ArtifactFactory.create(run=run, path="model/a")
    version = ModelVersion.objects.create(model=RegisteredModelFactory.create(name="m"), number=1, run=run)
    ModelAlias.objects.create(model=version.model, alias="champion", version=version)
    return version


def other_version(version: ModelVersion, owner: Any) -> ModelVersion:
    run = RunFactory.create(experiment=ExperimentFactory.create(created_by=owner))
    return ModelVersion.objects.create(model=version.model, number=2, run=run)


def point(api: Api, version: int) -> Any:
    return api.ask("PUT", "models/m/aliases/champion", {"version": version})


def test_a_version_follows_and_takes_the_alias(api: Api, owned: ModelVersion) -> None:
    made = api.post("models/m/versions", {"run_id": owned.run.run_id, "artifact_path": "model"})
    assert made.status_code == 201
    assert made.json()["model_version"]["version"] == 2
    assert point(api, 2).json() == {"alias": {"model": "m", "alias": "champion", "version": 2}}


def test_an_alias_is_not_taken_from_a_version_of_others(
    api: Api, owned: ModelVersion, api_of: Callable[..., Api]
) -> None:
    rival = api_of()
    theirs = other_version(owned, rival.user)
    assert point(rival, 2).status_code == 403
    grant_permission(experiment=owned.run.experiment, user=rival.user, level="NO_PERMISSIONS", by=None)
    assert point(rival, 2).status_code == 403
    grant_permission(experiment=owned.run.experiment, user=rival.user, level="EDIT", by=None)
    assert point(rival, 2).status_code == 200
    assert ModelAlias.objects.get().version == theirs


def test_a_version_that_is_hidden_or_missing_is_not_found(
    api: Api, owned: ModelVersion, api_of: Callable[..., Api]
) -> None:
    hidden = other_version(owned, api_of().user)
    grant_permission(experiment=hidden.run.experiment, user=api.user, level="NO_PERMISSIONS", by=None)
    assert point(api, 2).json()["error"]["message"] == "Model Version (name=m, version=2) not found"
    assert point(api, 3).json()["error"]["message"] == "Model Version (name=m, version=3) not found"
    assert api.ask("PUT", "models/none/aliases/champion", {"version": 1}).status_code == 404
    assert point(api, 2**63).status_code == 400


def test_a_version_whose_run_is_gone_is_the_administrator_s(api: Api, owned: ModelVersion) -> None:
    ModelVersion.objects.update(run=None)
    assert point(api, 1).status_code == 403
    api.user.is_superuser = True
    api.user.save()
    assert point(api, 1).status_code == 200
