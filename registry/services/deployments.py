"""Promoting model versions to deployments: a saga that checks before it switches.

``request`` (a deployment that nobody uses yet), ``check`` (every file of the version is whole),
``switch`` (the live one is retired, the new one is live: there is no way back but another promotion),
``announce`` (what serves predictions is told).
"""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from registry.artifacts import storage
from registry.enums import DeploymentStatus, Environment, ModelStage, ModelVersionStatus
from registry.exceptions import (
    ArtifactError,
    BadInputError,
    ConflictError,
    NotFoundError,
    StaleVersionError,
)
from registry.fields import HEX_ID
from registry.models import Deployment, DeploymentEvent, ModelVersion, RegisteredModel, Saga
from registry.queries.version_files import version_files
from registry.sync import saga_engine
from registry.sync.audit import record
from registry.sync.delivery import require_delivered
from registry.sync.deployment_effects import promise_deployment
from registry.sync.saga_kinds import SagaKind, Step, declare

from .idempotency import make_once
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
        ConflictError: the version is not ready, or another promotion is under way.
        ArtifactError: a file of the version is missing or damaged; the live one stays.
    """
    saga = promote(model=model, version=version, environment=environment, endpoint=endpoint, user=user)
    if saga is None:
        return _live(model, environment)
    return Deployment.objects.get(deployment_id=saga.data["deployment_id"])


def promote(
    *,
    model: str,
    version: int,
    environment: str,
    endpoint: str = "",
    note: str = "",
    replaces: int | None = None,
    user: User | None = None,
    idempotency_key: str | None = None,
) -> Saga | None:
    """As :func:`deploy`, but returns the saga; None where the version is live there already.

    Args:
        note: why; kept with the moment in which the version went live.
        replaces: the version that the caller believes to be live there, 0 for none; None believes nothing.
        idempotency_key: the same key again gives what the first request began, whatever was deployed since.

    Raises:
        StaleVersionError: another version than ``replaces`` is live by now; nothing was begun.
    """
    if environment not in Environment.values:
        raise BadInputError(f"{environment!r} is no environment; there are {', '.join(Environment.values)}.")
    checked_text(endpoint, what="The endpoint", limit=500)
    checked_text(note, what="The note", limit=1_000)
    data = {"model": model, "version": version, "environment": environment, "endpoint": endpoint}
    data |= {"note": note} if note else {}

    def make() -> tuple[str, str]:
        saga = _begun(data, user, replaces)
        return (saga.saga_id, saga.saga_id) if saga else ("", "")

    saga_id = make_once(
        operation="deployment.promote", key=idempotency_key, request=data, make=make, find=str
    )
    return saga_engine.advance(saga_id) if saga_id else None


def _begun(data: dict[str, Any], user: User | None, replaces: int | None) -> Saga | None:
    """The saga, in the running transaction; None where there is nothing to do."""
    model, environment, endpoint = data["model"], data["environment"], data["endpoint"]
    found = _ready_version(model, data["version"])
    places = Deployment.objects.filter(model=found.model, environment=environment)
    live = places.filter(status=Status.LIVE).select_related("version").first()
    if live is not None and live.version_id == found.pk and endpoint in ("", live.endpoint):
        return None
    if places.filter(status=Status.REQUESTED).exists():
        raise ConflictError(f"Another promotion of {model!r} to {environment} is under way. Wait for it.")
    _require_unchanged(live, replaces, environment)
    return saga_engine.begin(PROMOTE, aggregate_id=model, data=data, user=user)


def _require_unchanged(live: Deployment | None, replaces: int | None, environment: str) -> None:
    number = live.version.number if live else 0
    if replaces not in (None, number):
        found = f"version {number} is live" if number else "no version is live"
        raise StaleVersionError(f"Meanwhile {found} in {environment}. Look again before you replace it.")


def retire(*, deployment_id: str, note: str = "", user: User | None = None) -> Deployment:
    """Take a deployment out of service; retiring it again changes nothing.

    Raises:
        NotFoundError: there is none, or the id is malformed.
        ConflictError: it failed and never was in service.
    """
    checked_text(note, what="The note", limit=1_000)
    with transaction.atomic():
        rows = Deployment.objects.select_for_update(of=("self",)).select_related("model", "version")
        is_id = HEX_ID.fullmatch(deployment_id)
        deployment = rows.filter(deployment_id=deployment_id).first() if is_id else None
        if deployment is None:
            raise NotFoundError(f"There is no deployment with id {deployment_id!r}.")
        if deployment.status == Status.FAILED:
            raise ConflictError("The deployment failed; there is nothing to retire.")
        if deployment.status != Status.RETIRED:
            _move(deployment, Status.RETIRED, note, user)
            promise_deployment(deployment)
            record(action="deployment.retire", subject_id=deployment.deployment_id)
    return deployment


def _request(saga: Saga) -> None:
    found = _ready_version(saga.data["model"], saga.data["version"])
    deployment = Deployment.objects.create(
        model=found.model,
        version=found,
        environment=saga.data["environment"],
        endpoint=saga.data["endpoint"],
        created_by=saga.created_by,
    )
    DeploymentEvent.objects.create(deployment=deployment, status=deployment.status, by=saga.created_by)
    saga.data |= {"deployment_id": deployment.deployment_id}


def _withdraw(saga: Saga) -> None:
    deployment = _deployment(saga)
    _move(deployment, Status.FAILED, saga.last_error[:1_000], saga.created_by)
    record(action="deployment.fail", subject_id=deployment.deployment_id, details={"reason": saga.last_error})


def _check_files(saga: Saga) -> None:
    """Every file of the version has the bytes that were logged."""
    version = ModelVersion.objects.get(model__name=saga.data["model"], number=saga.data["version"])
    files = list(version_files(version))
    if not files:
        raise ArtifactError(
            f"Version {version.number} has no files, so it can't be deployed. Log the model first."
        )
    for file in files:
        if not storage.verify(file.sha256):
            raise ArtifactError(
                f"The file {file.path!r} of version {version.number} is missing or damaged,"
                " so it can't be deployed. Log the model again."
            )


def _switch(saga: Saga) -> None:
    deployment = _deployment(saga)
    # The model's row is locked, so deployments of a model come one after another.
    RegisteredModel.objects.select_for_update(of=("self",)).get(pk=deployment.model_id)
    live = (
        Deployment.objects.select_for_update(of=("self",))
        .filter(model=deployment.model_id, environment=deployment.environment, status=Status.LIVE)
        .first()
    )
    if live is not None:
        _move(live, Status.RETIRED, f"Replaced by version {deployment.version.number}", saga.created_by)
    _move(deployment, Status.LIVE, saga.data.get("note", ""), saga.created_by)
    if deployment.environment == Environment.PRODUCTION:
        versions = ModelVersion.objects.filter(model=deployment.model_id, stage=ModelStage.PRODUCTION)
        versions.exclude(pk=deployment.version_id).update(stage=ModelStage.ARCHIVED)
        ModelVersion.objects.filter(pk=deployment.version_id).update(stage=ModelStage.PRODUCTION)
    promise_deployment(deployment)
    record(action="deployment.live", subject_id=deployment.deployment_id, details=saga.data)


def _announced(saga: Saga) -> None:
    require_delivered(
        saga.data["deployment_id"], otherwise="Redis has not been told of the new deployment yet."
    )


def _deployment(saga: Saga) -> Deployment:
    rows = Deployment.objects.select_for_update(of=("self",)).select_related("model", "version")
    return rows.get(deployment_id=saga.data["deployment_id"])


def _live(model: str, environment: str) -> Deployment:
    return Deployment.objects.get(model__name=model, environment=environment, status=Status.LIVE)


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


PROMOTE = declare(
    SagaKind(
        "deployment.promote",
        (
            Step("request", _request, _withdraw),
            Step("check", check=_check_files),
            Step("switch", _switch),
            Step("announce", check=_announced),
        ),
        pivot="switch",
    )
)
