"""Who may change which registered model: a version belongs to the experiment of its files."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from registry.enums import DeploymentStatus
from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import Deployment, ExperimentPermission, ModelAlias, ModelVersion, RegisteredModel

from .model_versions import BIGGEST, no_version
from .permissions import WITHOUT_OWNER, authorize, may_by_owner
from .registered_models import registered_model

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


def require_stage_change(*, user: User, model: str, version: int, archived_stage: str = "") -> None:
    """Let the user move a version: it, and those that go from a stage to the archive, must be theirs to edit.

    Raises:
        NotFoundError: there is no such version, or the user may not know of it.
        ForbiddenError: the user may not edit one of them.
    """
    archived = ModelVersion.objects.filter(model__name=model, stage=archived_stage).values("pk")
    _require_replacement(user, model, version, archived, f"In {archived_stage} there is")


def require_alias_removal(*, user: User, model: str, alias: str) -> None:
    """Let the user delete an alias: the version that it points at must be theirs to edit.

    Raises:
        NotFoundError: there is no such model.
        ForbiddenError: the version is not theirs to edit.
    """
    found = registered_model(model)
    held = found.aliases.filter(alias=alias).select_related("version__run__experiment").first()
    if held is not None:
        _require_each(user, found.versions.filter(pk=held.version_id), "The alias points at")


def require_model_edit(*, user: User, model: str) -> RegisteredModel:
    """Let the user change what is said of a model: its creator may, and who may edit one of its versions.

    Raises:
        NotFoundError: there is no such model.
        ForbiddenError: the user is neither.
    """
    found = registered_model(model)
    if user.is_superuser or found.created_by_id == user.pk:
        return found
    for version in _with_owners(found.versions.all()):
        try:
            require_version_edit(user, version)
        except (NotFoundError, ForbiddenError):
            continue
        return found
    raise ForbiddenError(f"The model {model!r} is not yours to change. Ask one who may edit its versions.")


def require_model_removal(*, user: User, model: str) -> None:
    """Let the user rename or delete a model: every version must be theirs to edit, or the empty name theirs.

    Raises:
        NotFoundError: there is no such model.
        ForbiddenError: one of them is not.
    """
    found = require_model_edit(user=user, model=model)
    _require_each(user, found.versions.all(), "The model has")


def require_version_edit(user: User, version: ModelVersion) -> None:
    """Let the user change a version.

    Raises:
        NotFoundError, ForbiddenError: the experiment of its files is not theirs to read, or to edit.
    """
    if version.logged_model is not None:
        authorize(user=user, level=Level.EDIT, experiment=version.logged_model.experiment)
    elif version.run is not None:
        authorize(user=user, level=Level.EDIT, experiment=version.run.experiment)
    elif not user.is_superuser and version.created_by_id != user.pk:
        raise ForbiddenError(
            "This version has no files, so only its creator and administrators may change it."
        )


def editable_versions(user: User) -> Q:
    """The same rule as a condition on versions (no statement of its own)."""
    own = Q() if user.is_superuser else Q(created_by=user)
    return may_by_owner(user, Level.EDIT) | WITHOUT_OWNER & own


def version_to_edit(*, user: User, model: str, version: int) -> ModelVersion:
    """The version, where it is the user's to edit.

    Raises:
        NotFoundError: there is no such version, or the user may not know of it.
        ForbiddenError: the user may not edit it.
    """
    missing = no_version(model, version)
    number = min(max(version, 0), BIGGEST)
    found = _with_owners(ModelVersion.objects.filter(model__name=model, number=number)).first()
    if found is None:
        raise missing
    try:
        require_version_edit(user, found)
    except NotFoundError as error:
        raise missing from error
    return found


def _require_replacement(user: User, model: str, version: int, held: QuerySet[Any, Any], where: str) -> None:
    wanted = version_to_edit(user=user, model=model, version=version)
    _require_each(user, ModelVersion.objects.filter(pk__in=held).exclude(pk=wanted.pk), where)


def _require_each(user: User, versions: QuerySet[ModelVersion], where: str) -> None:
    for version in _with_owners(versions):
        try:
            require_version_edit(user, version)
        except NotFoundError as error:
            raise ForbiddenError(f"{where} a version that is not yours to edit.") from error


def _with_owners(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    return versions.select_related("run__experiment", "logged_model__experiment")
