"""Deploying model versions."""

from django.contrib.auth.models import User
from django.db import transaction

from registry.enums import DeploymentStatus, Environment
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.models import Deployment, DeploymentEvent, ModelVersion, RegisteredModel

from .names import checked_text

Status = DeploymentStatus


def deploy(
    *, model: str, version: int, environment: str, endpoint: str = "", user: User | None = None
) -> Deployment:
    """Make a version the live one of an environment; the one before it is retired.

    Deploying the version that is live already changes nothing.

    Raises:
        NotFoundError: no such model or version.
        BadInputError: no such environment.
    """
    if environment not in Environment.values:
        raise BadInputError(f"{environment!r} is no environment; there are {', '.join(Environment.values)}.")
    checked_text(endpoint, what="The endpoint", limit=500)
    with transaction.atomic():
        registered = RegisteredModel.objects.select_for_update(of=("self",)).filter(name=model).first()
        found = ModelVersion.objects.filter(model=registered, number=version).first() if registered else None
        if registered is None or found is None:
            raise NotFoundError(f"There is no version {version} of a model named {model!r}.")
        live = Deployment.objects.filter(
            model=registered, environment=environment, status=Status.LIVE
        ).first()
        if live is not None and live.version_id == found.pk:
            return live
        if live is not None:
            _move(live, Status.RETIRED, f"Replaced by version {version}", user)
        deployment = Deployment.objects.create(
            model=registered, version=found, environment=environment, endpoint=endpoint, created_by=user
        )
        DeploymentEvent.objects.create(deployment=deployment, status=deployment.status, by=user)
        _move(deployment, Status.LIVE, "", user)
    return deployment


def retire(*, deployment_id: str, note: str = "", user: User | None = None) -> Deployment:
    """Take a deployment out of service; retiring it again changes nothing.

    Raises:
        NotFoundError: there is none.
        ConflictError: it failed and never was in service.
    """
    with transaction.atomic():
        deployment = Deployment.objects.select_for_update().filter(deployment_id=deployment_id).first()
        if deployment is None:
            raise NotFoundError(f"There is no deployment with id {deployment_id!r}.")
        if deployment.status == Status.FAILED:
            raise ConflictError("The deployment failed; there is nothing to retire.")
        if deployment.status != Status.RETIRED:
            _move(deployment, Status.RETIRED, note, user)
    return deployment


def _move(deployment: Deployment, status: DeploymentStatus, note: str, user: User | None) -> None:
    deployment.status = status
    deployment.save(update_fields=["status", "updated_at"])
    DeploymentEvent.objects.create(deployment=deployment, status=status, note=note, by=user)
