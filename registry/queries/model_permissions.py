"""Who may change which registered model: a version belongs to its run's experiment."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from registry.enums import DeploymentStatus
from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import Deployment, ExperimentPermission, ModelAlias, ModelVersion

from .permissions import authorize

Level = ExperimentPermission.Level


def require_alias_change(*, user: User, model: str, alias: str, version: int) -> None:
    """Let the user point an alias at a version: both it and the one it is taken from must be theirs to edit.

    Raises:
        NotFoundError: there is no such version, or the user may not know of it.
        ForbiddenError: the user may not edit one of the two.
    """
    held = ModelAlias.objects.filter(model__name=model, alias=alias).values("version")
    _require_replacement(user, model, version, held, f"The alias {alias!r} points at")


def require_deployment(*, user: User, model: str, version: int, environment: str) -> None:
    """Let the user deploy a version: both it and the one it replaces must be theirs to edit.

    Raises:
        NotFoundError: there is no such version, or the user may not know of it.
        ForbiddenError: the user may not edit one of the two.
    """
    live = Deployment.objects.filter(model__name=model, environment=environment, status=DeploymentStatus.LIVE)
    _require_replacement(user, model, version, live.values("version"), f"In {environment} there is")


def _require_replacement(user: User, model: str, version: int, held: QuerySet[Any, Any], where: str) -> None:
    versions = ModelVersion.objects.select_related("run__experiment")
    missing = NotFoundError(f"The model {model[:255]!r} has no version {version}.")
    wanted = versions.filter(model__name=model, number=version).first()
    if wanted is None:
        raise missing
    try:
        require_version_edit(user, wanted)
    except NotFoundError as error:
        raise missing from error
    for current in versions.filter(pk__in=held).exclude(pk=wanted.pk):
        try:
            require_version_edit(user, current)
        except NotFoundError as error:
            raise ForbiddenError(f"{where} a version that is not yours to edit.") from error


def require_version_edit(user: User, version: ModelVersion) -> None:
    """Let the user change a version.

    Raises:
        NotFoundError, ForbiddenError: its run's experiment is not theirs to read, or to edit.
    """
    if version.run is not None:
        authorize(user=user, level=Level.EDIT, experiment=version.run.experiment)
    elif not user.is_superuser:
        raise ForbiddenError("The run of this version is gone, so only an administrator may change it.")
