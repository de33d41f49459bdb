"""The names of the model registry: registering, renaming, deleting, tags."""

import re
from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from registry.documents import plain
from registry.enums import DeploymentStatus
from registry.exceptions import BadInputError, ConflictError, DuplicateNameError
from registry.models import Deployment, RegisteredModel, RegisteredModelTag
from registry.queries.registered_models import registered_model
from registry.sync.audit import record

from .idempotency import make_once
from .model_tags import checked_tags
from .names import checked_name
from .registered_model_rows import lock_model, touch

# MLflow's rules, so that models:/name/version and models:/name@alias can be read back.
NOT_IN_NAMES = re.compile("[/:]")
SERVING = (DeploymentStatus.REQUESTED, DeploymentStatus.LIVE)


def register_model(
    *,
    name: str,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    user: User | None = None,
    idempotency_key: str | None = None,
) -> RegisteredModel:
    """Register a name for the versions of a model.

    Raises:
        BadInputError: the name is blank, too long, or holds a slash or a colon.
        DuplicateNameError: the name is taken.
    """
    pairs = checked_tags(tags or {})
    model = RegisteredModel(
        name=checked_model_name(name),
        description=plain.check_text(description, where="The description"),
        created_by=user,
    )

    def make() -> tuple[str, RegisteredModel]:
        try:
            with transaction.atomic():
                model.save(force_insert=True)
        except IntegrityError as error:
            raise _taken(name) from error
        RegisteredModelTag.objects.bulk_create(
            RegisteredModelTag(model=model, key=key, value=value) for key, value in pairs.items()
        )
        record(action="model.register", subject_id=name)
        return name, model

    return make_once(
        operation="model.register",
        key=idempotency_key,
        request={"name": name, "description": description} | ({"tags": pairs} if pairs else {}),
        make=make,
        find=registered_model,
    )


def rename_model(*, name: str, new_name: str) -> RegisteredModel:
    """Give a registered model another name; its versions, aliases and deployments follow.

    Raises:
        NotFoundError: there is no such model.
        DuplicateNameError: the new name is taken.
        ConflictError: a version is deployed: what serves it knows it by its name.
    """
    checked_model_name(new_name)
    with transaction.atomic():
        model = lock_model(name)
        if model.name == new_name:
            return model
        refuse_deployed(Deployment.objects.filter(model=model))
        model.name = new_name
        try:
            with transaction.atomic():
                model.save(update_fields=["name", "updated_at"])
        except IntegrityError as error:
            raise _taken(new_name) from error
        record(action="model.rename", subject_id=new_name, details={"before": name})
    return model


def delete_model(*, name: str) -> None:
    """Delete a registered model with its versions, tags, aliases, and deployments that have ended.

    The files stay with their runs and logged models.

    Raises:
        NotFoundError: there is no such model.
        ConflictError: a version is deployed.
    """
    with transaction.atomic():
        model = lock_model(name)
        deployments = Deployment.objects.filter(model=model)
        refuse_deployed(deployments)
        deployments.delete()
        versions = model.versions.count()
        model.delete()
        record(action="model.delete", subject_id=name, details={"versions": versions})


def set_model_tag(*, name: str, key: str, value: str) -> None:
    """Set a tag of a registered model; one that is there takes the new value."""
    pairs = checked_tags({key: value})
    with transaction.atomic():
        model = lock_model(name)
        RegisteredModelTag.objects.update_or_create(model=model, key=key, defaults={"value": pairs[key]})
        touch(model)
        record(action="model.tag", subject_id=name, details={"key": key})


def delete_model_tag(*, name: str, key: str) -> bool:
    """Delete a tag of a registered model; False where there was none."""
    checked_tags({key: ""})
    with transaction.atomic():
        model = lock_model(name)
        deleted, _ = RegisteredModelTag.objects.filter(model=model, key=key).delete()
        if deleted:
            touch(model)
            record(action="model.tag_delete", subject_id=name, details={"key": key})
    return bool(deleted)


def checked_model_name(name: str) -> str:
    """A name that a registered model may have.

    Raises:
        BadInputError: it is blank, too long, or holds a slash or a colon.
    """
    if NOT_IN_NAMES.search(name):
        raise BadInputError(f"Invalid model name {name[:255]!r}. Names cannot contain '/' or ':'.")
    if name in (".", ".."):
        raise BadInputError(f"Invalid model name {name!r}: it would name a folder when read as a path.")
    return checked_name(name, what="The model's name")


def refuse_deployed(deployments: QuerySet[Deployment]) -> None:
    """Refuse to go on while one of these serves.

    Raises:
        ConflictError: one does.
    """
    serving = deployments.filter(status__in=SERVING).select_related("version").first()
    if serving is not None:
        raise ConflictError(
            f"Version {serving.version.number} is deployed in {serving.environment}. Retire that first."
        )


def _taken(name: str) -> DuplicateNameError:
    return DuplicateNameError(f"Registered Model (name={name}) already exists.")
