import itertools

import pytest

from registry.enums import DeploymentStatus
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.models import Deployment, ModelVersion
from registry.services.deployments import deploy, retire
from tests.factories import ModelVersionFactory, RegisteredModelFactory, UserFactory
from tests.side_by_side import side_by_side

LIVE, RETIRED = DeploymentStatus.LIVE, DeploymentStatus.RETIRED


@pytest.fixture(autouse=True)
def _two_versions(db: None) -> None:
    model = RegisteredModelFactory(name="churn")
    for number in (1, 2):
        ModelVersionFactory(model=model, number=number)


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


@pytest.mark.django_db(transaction=True)
def test_deployments_side_by_side_leave_one_live() -> None:
    numbers = itertools.cycle([1, 2])
    side_by_side(lambda: deploy(model="churn", version=next(numbers), environment="production"), 4)
    assert Deployment.objects.filter(status=LIVE).count() == 1
    assert RETIRED not in [event.status for event in Deployment.objects.get(status=LIVE).events.all()]


@pytest.mark.django_db(transaction=True)
def test_retiring_and_replacing_side_by_side_retires_once() -> None:
    first = deploy(model="churn", version=1, environment="production")
    turns = itertools.cycle([True, False])

    def replace_or_retire() -> None:
        if next(turns):
            deploy(model="churn", version=2, environment="production")
        else:
            retire(deployment_id=first.deployment_id)

    side_by_side(replace_or_retire, 4)
    assert first.events.filter(status=RETIRED).count() == 1
    assert Deployment.objects.get(status=LIVE).version.number == 2
