"""The model registry: names, versions, aliases, stages."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry.documents import plain
from registry.enums import ModelStage
from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Artifact, ModelAlias, ModelVersion, RegisteredModel

from .names import checked_key, checked_name
from .run_rows import find_run


def register_model(*, name: str, description: str = "", user: User | None = None) -> RegisteredModel:
    """Register a name for the versions of a model.

    Raises:
        DuplicateNameError: the name is taken.
    """
    model = RegisteredModel(
        name=checked_name(name, what="The model's name"),
        description=plain.check_text(description, where="The description"),
        created_by=user,
    )
    try:
        with transaction.atomic():
            model.save(force_insert=True)
    except IntegrityError as error:
        raise DuplicateNameError(f"There is already a registered model named {name!r}.") from error
    return model


def create_model_version(
    *, model: str, run_id: str, artifact_path: str, description: str = "", user: User | None = None
) -> ModelVersion:
    """Add the next version of a model: a file of a run, or a folder of its files.

    Raises:
        NotFoundError: no such model, run or artifact.
    """
    run = find_run(run_id)
    files = Artifact.objects.filter(run=run)
    if not (files.filter(path=artifact_path) | files.filter(path__startswith=f"{artifact_path}/")).exists():
        raise NotFoundError(f"The run {run_id} has no artifact at {artifact_path!r}. Log the model first.")
    with transaction.atomic():
        registered = _locked(model)
        last = registered.versions.order_by("-number").values_list("number", flat=True).first() or 0
        return ModelVersion.objects.create(
            model=registered,
            number=last + 1,
            run=run,
            artifact_path=artifact_path,
            source=f"runs:/{run_id}/{artifact_path}",
            description=plain.check_text(description, where="The description"),
            created_by=user,
        )


def set_alias(*, model: str, alias: str, version: int) -> ModelAlias:
    """Point an alias, such as ``champion``, at a version; it is moved where it exists.

    Raises:
        NotFoundError: no such model or version.
        BadInputError: the alias is blank or looks like a version number.
    """
    checked_key(alias, what="The alias")
    if alias.lower().removeprefix("v").isdecimal():
        raise BadInputError(f"The alias {alias!r} looks like a version's number. Choose a word.")
    with transaction.atomic():
        registered = _locked(model)
        found, _ = ModelAlias.objects.update_or_create(
            model=registered, alias=alias, defaults={"version": _version(registered, version)}
        )
    return found


def delete_alias(*, model: str, alias: str) -> bool:
    """Delete an alias; False where there was none."""
    deleted, _ = ModelAlias.objects.filter(model__name=model, alias=alias).delete()
    return bool(deleted)


def transition_stage(*, model: str, version: int, stage: str) -> ModelVersion:
    """Move a version to a stage; what was in production goes to the archive.

    Raises:
        NotFoundError: no such model or version.
        BadInputError: no such stage.
    """
    if stage not in ModelStage.values:
        raise BadInputError(f"{stage!r} is no stage; there are {', '.join(ModelStage.values)}.")
    with transaction.atomic():
        registered = _locked(model)
        found = _version(registered, version)
        if stage == ModelStage.PRODUCTION:
            others = registered.versions.filter(stage=ModelStage.PRODUCTION).exclude(pk=found.pk)
            others.update(stage=ModelStage.ARCHIVED)
        found.stage = stage
        found.save(update_fields=["stage", "updated_at"])
    return found


def _locked(name: str) -> RegisteredModel:
    """The registered model, its row locked: versions are numbered one after another."""
    model = RegisteredModel.objects.select_for_update(of=("self",)).filter(name=name).first()
    if model is None:
        raise NotFoundError(f"There is no registered model named {name!r}. Register it first.")
    return model


def _version(model: RegisteredModel, number: int) -> ModelVersion:
    version = model.versions.filter(number=number).first()
    if version is None:
        raise NotFoundError(f"The model {model.name!r} has no version {number}.")
    return version
