"""Deploying model versions."""

from django.contrib.auth.models import User
from django.db import transaction

from registry.enums import DeploymentStatus, Environment, ModelVersionStatus
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.fields import HEX_ID
from registry.models import Deployment, DeploymentEvent, ModelVersion, RegisteredModel

from .names import checked_text

Status = DeploymentStatus


def deploy(
    *, model: str, version: int, environment: str, endpoint: str = "", user: User | None = None
) -> Deployment:
    """Make a version the live one of an environment; the one before it is retired.

    Deploying the version that is live already changes nothing, unless it names another endpoint.

    Raises:
        NotFoundError: no such model or version.
        BadInputError: no such environment.
        ConflictError: the version is not ready.
    """
    if environment not in Environment.values:
        raise BadInputError(f"{environment!r} is no environment; there are {', '.join(Environment.values)}.")
    checked_text(endpoint, what="The endpoint", limit=500)
    with transaction.atomic():
        found = _ready_version(model, version)
        # Locked, so that retiring it at the same time writes one event and not two.
        live = (
            Deployment.objects.select_for_update()
            .filter(model=found.model, environment=environment, status=Status.LIVE)
            .first()
        )
        if live is not None and live.version_id == found.pk and endpoint in ("", live.endpoint):
            return live
        if live is not None:
            _move(live, Status.RETIRED, f"Replaced by version {version}", user)
        deployment = Deployment.objects.create(
            model=found.model, version=found, environment=environment, endpoint=endpoint, created_by=user
        )
        DeploymentEvent.objects.create(deployment=deployment, status=deployment.status, by=user)
        _move(deployment, Status.LIVE, "", user)
    return deployment


def retire(*, deployment_id: str, note: str = "", user: User | None = None) -> Deployment:
    """Take a deployment out of service; retiring it again changes nothing.

    Raises:
        NotFoundError: there is none, or the id is malformed.
        ConflictError: it failed and never was in service.
    """
    checked_text(note, what="The note", limit=1_000)
    with transaction.atomic():
        rows = Deployment.objects.select_for_update()
        is_id = HEX_ID.fullmatch(deployment_id)
        deployment = rows.filter(deployment_id=deployment_id).first() if is_id else None
        if deployment is None:
            raise NotFoundError(f"There is no deployment with id {deployment_id!r}.")
        if deployment.status == Status.FAILED:
            raise ConflictError("The deployment failed; there is nothing to retire.")
        if deployment.status != Status.RETIRED:
            _move(deployment, Status.RETIRED, note, user)
    return deployment


def _ready_version(name: str, number: int) -> ModelVersion:
    """The version; its model's row is locked, so deployments of a model come one after another."""
    checked_text(name, what="The model's name")
    model = RegisteredModel.objects.select_for_update(of=("self",)).filter(name=name).first()
    version = (
        ModelVersion.objects.select_related("model").filter(model=model, number=number).first()
        if model
        else None
    )
    if version is None:
        raise NotFoundError(f"There is no version {number} of a model named {name!r}.")
    if version.status != ModelVersionStatus.READY:
        state = version.get_status_display().lower()
        raise ConflictError(f"Version {number} of {name!r} is not ready ({state}). Deploy one that is.")
    return version


def _move(deployment: Deployment, status: DeploymentStatus, note: str, user: User | None) -> None:
    deployment.status = status
    deployment.save(update_fields=["status", "updated_at"])
    DeploymentEvent.objects.create(deployment=deployment, status=status, note=note, by=user)
