import threading
from typing import Any

import pytest
from django.db import connections

from registry.enums import DeploymentStatus
from registry.exceptions import BadInputError, ConflictError, DuplicateNameError, NotFoundError
from registry.models import Deployment, ModelAlias, ModelVersion, RegisteredModel
from registry.services.deployments import deploy, retire
from registry.services.registered_models import (
    create_model_version,
    delete_alias,
    register_model,
    set_alias,
    transition_stage,
)
from tests.factories import ArtifactFactory, UserFactory

LIVE, RETIRED = DeploymentStatus.LIVE, DeploymentStatus.RETIRED


@pytest.fixture
def run_id() -> str:
    return str(ArtifactFactory(path="model/model.skops").run.run_id)


@pytest.fixture
def two_versions(run_id: str) -> None:
    register_model(name="churn")
    for _ in range(2):
        create_model_version(model="churn", run_id=run_id, artifact_path="model")


def side_by_side(work: Any, times: int) -> None:
    def run() -> None:
        work()
        connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db
def test_versions_are_numbered_and_know_their_run(run_id: str) -> None:
    user = UserFactory()
    register_model(name="churn", description="who leaves", user=user)
    versions = [
        create_model_version(model="churn", run_id=run_id, artifact_path=path, user=user)
        for path in ("model", "model/model.skops")
    ]
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].run.run_id == run_id
    assert versions[0].source == f"runs:/{run_id}/model"


@pytest.mark.django_db
def test_a_taken_name_is_refused() -> None:
    register_model(name="churn")
    with pytest.raises(DuplicateNameError):
        register_model(name="churn")
    assert RegisteredModel.objects.count() == 1


@pytest.mark.django_db
def test_a_version_needs_a_model_a_run_and_a_file(run_id: str) -> None:
    with pytest.raises(NotFoundError, match="no registered model"):
        create_model_version(model="churn", run_id=run_id, artifact_path="model")
    register_model(name="churn")
    with pytest.raises(NotFoundError, match="no run"):
        create_model_version(model="churn", run_id="f" * 32, artifact_path="model")
    with pytest.raises(NotFoundError, match="no artifact at 'mod'"):
        create_model_version(model="churn", run_id=run_id, artifact_path="mod")
    assert ModelVersion.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_versions_made_side_by_side_have_numbers_of_their_own(run_id: str) -> None:
    register_model(name="churn")
    side_by_side(lambda: create_model_version(model="churn", run_id=run_id, artifact_path="model"), 6)
    assert sorted(ModelVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_an_alias_moves_and_goes() -> None:
    set_alias(model="churn", alias="champion", version=1)
    set_alias(model="churn", alias="champion", version=2)
    assert ModelAlias.objects.get().version.number == 2
    assert delete_alias(model="churn", alias="champion")
    assert not delete_alias(model="churn", alias="champion")


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
@pytest.mark.parametrize(
    ("alias", "version", "error"),
    [("v1", 1, BadInputError), ("12", 1, BadInputError), ("", 1, BadInputError), ("ok", 9, NotFoundError)],
)
def test_a_bad_alias_is_refused(alias: str, version: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        set_alias(model="churn", alias=alias, version=version)
    assert ModelAlias.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_one_version_at_a_time_is_in_production() -> None:
    for version in (1, 2):
        transition_stage(model="churn", version=version, stage="Production")
    stages = dict(ModelVersion.objects.values_list("number", "stage"))
    assert stages == {1: "Archived", 2: "Production"}
    with pytest.raises(BadInputError, match="no stage"):
        transition_stage(model="churn", version=1, stage="Live")


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_a_deployment_replaces_the_one_before_and_keeps_the_history() -> None:
    user = UserFactory()
    first = deploy(model="churn", version=1, environment="production", endpoint="/p", user=user)
    second = deploy(model="churn", version=2, environment="production", user=user)
    assert deploy(model="churn", version=2, environment="production") == second
    deploy(model="churn", version=1, environment="staging")
    first.refresh_from_db()
    assert (first.status, second.status) == (RETIRED, LIVE)
    assert [(event.status, event.note) for event in first.events.all()] == [
        ("requested", ""), ("live", ""), ("retired", "Replaced by version 2"),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_a_deployment_can_be_retired_once() -> None:
    deployment = deploy(model="churn", version=1, environment="staging")
    for _ in range(2):
        retire(deployment_id=deployment.deployment_id, note="too slow")
    assert deployment.events.filter(status=RETIRED).count() == 1
    Deployment.objects.update(status=DeploymentStatus.FAILED)
    with pytest.raises(ConflictError):
        retire(deployment_id=deployment.deployment_id)
    with pytest.raises(NotFoundError):
        retire(deployment_id="f" * 32)


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_a_deployment_of_nothing_or_nowhere_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no version 9"):
        deploy(model="churn", version=9, environment="staging")
    with pytest.raises(NotFoundError):
        deploy(model="none", version=1, environment="staging")
    with pytest.raises(BadInputError, match="no environment"):
        deploy(model="churn", version=1, environment="moon")
    assert Deployment.objects.count() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("two_versions")
def test_deployments_side_by_side_leave_one_live() -> None:
    numbers = iter([1, 2, 1, 2])
    side_by_side(lambda: deploy(model="churn", version=next(numbers), environment="production"), 4)
    assert Deployment.objects.filter(status=LIVE).count() == 1
