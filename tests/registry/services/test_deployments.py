import itertools
from pathlib import Path
from typing import Any

import pytest

from features.online.deployments import LiveDeployment, live, put
from registry.artifacts import storage
from registry.enums import DeploymentStatus
from registry.exceptions import (
    ArtifactError,
    BadInputError,
    ConflictError,
    IdempotencyKeyReusedError,
    NotFoundError,
    StaleVersionError,
)
from registry.models import Deployment, ModelVersion
from registry.services.artifacts import log_artifact, log_owned_artifact
from registry.services.deployments import deploy, promote, retire
from tests.factories import LoggedModelFactory, ModelVersionFactory, RegisteredModelFactory, UserFactory
from tests.side_by_side import side_by_side

LIVE, RETIRED = DeploymentStatus.LIVE, DeploymentStatus.RETIRED


@pytest.fixture(autouse=True)
def _two_versions(db: None) -> None:
    model = RegisteredModelFactory(name="churn")
    for number in (1, 2):
        version = ModelVersionFactory(model=model, number=number)
        log_artifact(run_id=version.run.run_id, path="model.bin", content=b"model")


def version_of(model: str, number: int) -> ModelVersion:
    return ModelVersion.objects.get(model__name=model, number=number)


@pytest.mark.django_db
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
def test_a_deployment_can_be_retired_once() -> None:
    deployment = deploy(model="churn", version=1, environment="staging")
    for _ in range(2):
        retire(deployment_id=deployment.deployment_id, note="too slow")
    assert deployment.events.filter(status=RETIRED).count() == 1
    Deployment.objects.update(status=DeploymentStatus.FAILED)
    with pytest.raises(ConflictError):
        retire(deployment_id=deployment.deployment_id)
    for unknown in ("f" * 32, "no id", ""):
        with pytest.raises(NotFoundError):
            retire(deployment_id=unknown)


@pytest.mark.django_db
def test_the_live_version_is_deployed_again_for_another_endpoint() -> None:
    first = deploy(model="churn", version=1, environment="production", endpoint="/old")
    assert deploy(model="churn", version=1, environment="production", endpoint="/old") == first
    second = deploy(model="churn", version=1, environment="production", endpoint="/new")
    first.refresh_from_db()
    assert (first.status, second.status, second.endpoint) == (RETIRED, LIVE, "/new")


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["PENDING_REGISTRATION", "FAILED_REGISTRATION"])
def test_a_version_that_is_not_ready_is_not_deployed(status: str) -> None:
    live = deploy(model="churn", version=1, environment="production")
    ModelVersion.objects.filter(number=2).update(status=status)
    with pytest.raises(ConflictError, match="is not ready"):
        deploy(model="churn", version=2, environment="production")
    assert Deployment.objects.get(status=LIVE) == live


@pytest.mark.django_db
def test_a_deployment_of_nothing_or_nowhere_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no version 9"):
        deploy(model="churn", version=9, environment="staging")
    with pytest.raises(NotFoundError):
        deploy(model="none", version=1, environment="staging")
    with pytest.raises(BadInputError, match="no environment"):
        deploy(model="churn", version=1, environment="moon")
    assert Deployment.objects.count() == 0


def deployed_or_told_to_wait(version: int) -> bool:
    """Whether the version was deployed; the one refusal allowed is that another promotion is under way."""
    try:
        deploy(model="churn", version=version, environment="production")
    except ConflictError as error:
        if "is under way. Wait for it." not in str(error):
            raise
        return False
    return True


@pytest.mark.django_db(transaction=True)
def test_deployments_side_by_side_leave_one_live_and_tell_the_others_to_wait() -> None:
    numbers = itertools.cycle([1, 2])
    answers: list[bool] = []
    side_by_side(lambda: answers.append(deployed_or_told_to_wait(next(numbers))), 4)
    assert len(answers) == 4
    assert any(answers)
    assert Deployment.objects.filter(status=LIVE).count() == 1
    assert not Deployment.objects.exclude(status__in=[LIVE, RETIRED]).exists()
    assert RETIRED not in [event.status for event in Deployment.objects.get(status=LIVE).events.all()]


@pytest.mark.django_db
def test_a_promotion_is_refused_while_another_is_under_way() -> None:
    version = ModelVersion.objects.get(model__name="churn", number=1)
    Deployment.objects.create(
        model=version.model, version=version, environment="production", status=DeploymentStatus.REQUESTED
    )
    assert not deployed_or_told_to_wait(2)
    assert Deployment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_retiring_and_replacing_side_by_side_retires_once() -> None:
    first = deploy(model="churn", version=1, environment="production")
    turns = itertools.cycle([True, False])

    def replace_or_retire() -> None:
        if next(turns):
            deployed_or_told_to_wait(2)
        else:
            retire(deployment_id=first.deployment_id)

    side_by_side(replace_or_retire, 4)
    assert first.events.filter(status=RETIRED).count() == 1
    assert Deployment.objects.get(status=LIVE).version.number == 2


@pytest.mark.django_db
def test_a_repeated_promotion_does_not_undo_a_later_one() -> None:
    place = {"model": "churn", "environment": "production"}
    first = promote(**place, version=1, idempotency_key="k")
    promote(**place, version=2)
    assert promote(**place, version=1, idempotency_key="k") == first
    assert Deployment.objects.get(status=LIVE).version.number == 2
    with pytest.raises(IdempotencyKeyReusedError):
        promote(**place, version=2, idempotency_key="k")


@pytest.mark.django_db
def test_a_damaged_file_is_not_deployed_and_the_live_version_stays(tmp_path: Path, settings: Any) -> None:
    settings.ARTIFACT_ROOT = tmp_path
    log_artifact(run_id=version_of("churn", 1).run.run_id, path="model.bin", content=b"model")
    deploy(model="churn", version=1, environment="production")
    second = version_of("churn", 2)
    artifact = log_artifact(run_id=second.run.run_id, path="model.skops", content=b"model")
    ModelVersion.objects.filter(pk=second.pk).update(artifact_path="model.skops")
    storage.path_of(artifact.sha256).write_bytes(b"other")
    with pytest.raises(ArtifactError, match="missing or damaged"):
        deploy(model="churn", version=2, environment="production")
    assert Deployment.objects.get(status=LIVE).version.number == 1
    failed = Deployment.objects.get(status=DeploymentStatus.FAILED)
    assert "damaged" in failed.events.get(status=DeploymentStatus.FAILED).note


@pytest.mark.django_db
def test_a_version_of_a_logged_model_is_deployed_if_its_own_files_are_whole() -> None:
    logged = LoggedModelFactory()
    version = ModelVersionFactory(
        run=logged.source_run, logged_model=logged, model__name="of a model", number=1
    )
    log_artifact(run_id=logged.source_run.run_id, path="other.bin", content=b"of the run")
    with pytest.raises(ArtifactError, match="has no files"):
        deploy(model="of a model", version=1, environment="staging")
    artifact = log_owned_artifact(owner=logged, path="model.pkl", content=b"of the model")
    assert deploy(model="of a model", version=1, environment="staging").version == version
    storage.path_of(artifact.sha256).write_bytes(b"other")
    with pytest.raises(ArtifactError, match="'model.pkl' of version 1 is missing or damaged"):
        deploy(model="of a model", version=1, environment="production")


@pytest.mark.django_db
def test_a_version_without_an_owner_is_not_deployed() -> None:
    ModelVersionFactory(run=None, model__name="greeting", number=1)
    with pytest.raises(ArtifactError, match="has no files"):
        deploy(model="greeting", version=1, environment="staging")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("redis_keys")
def test_redis_knows_which_version_answers() -> None:
    assert live("churn", "production") is None
    deploy(model="churn", version=1, environment="production", endpoint="/p")
    second = deploy(model="churn", version=2, environment="production", endpoint="/p")
    found = live("churn", "production")
    assert found is not None
    assert (found.version, found.endpoint) == (2, "/p")
    late = LiveDeployment("churn", "production", found.event - 1, 1, "/p")
    put([late])
    assert live("churn", "production") == found
    retire(deployment_id=second.deployment_id)
    retired = live("churn", "production")
    assert retired is not None
    assert retired.version is None


@pytest.mark.django_db
def test_a_promotion_replaces_only_what_its_caller_knew_of() -> None:
    place = {"model": "churn", "environment": "production"}
    assert promote(**place, version=1, replaces=0)
    with pytest.raises(StaleVersionError, match="Meanwhile version 1 is live in production"):
        promote(**place, version=2, replaces=0)
    with pytest.raises(StaleVersionError, match="no version is live in staging"):
        promote(**place | {"environment": "staging"}, version=2, replaces=1)
    assert promote(**place, version=1, replaces=0) is None
    assert promote(**place, version=2, replaces=1, note="faster")
    assert [event.note for event in Deployment.objects.get(status=LIVE).events.all()] == ["", "faster"]
    with pytest.raises(BadInputError, match="The note has 1001 characters"):
        promote(**place, version=1, note="x" * 1_001)
