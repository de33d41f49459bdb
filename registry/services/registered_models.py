"""The model registry: names, versions, aliases, stages."""

import re

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from registry.documents import plain
from registry.enums import ModelStage
from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Artifact, ModelAlias, ModelVersion, RegisteredModel, TrainingRun
from registry.sync.audit import record

from .idempotency import make_once
from .names import checked_key, checked_name, checked_text
from .run_rows import lock_run

# MLflow's rules, so that models:/name/version and models:/name@alias can be read back.
NOT_IN_NAMES = re.compile("[/:]")
ALIAS = re.compile(r"[\w-]+")
RESERVED_ALIAS = re.compile(r"latest|v\d+", re.IGNORECASE)


def register_model(
    *, name: str, description: str = "", user: User | None = None, idempotency_key: str | None = None
) -> RegisteredModel:
    """Register a name for the versions of a model.

    Raises:
        BadInputError: the name is blank, too long, or holds a slash or a colon.
        DuplicateNameError: the name is taken.
    """
    if NOT_IN_NAMES.search(name):
        raise BadInputError(f"The model's name {name!r} holds a slash or a colon. Leave it out.")
    model = RegisteredModel(
        name=checked_name(name, what="The model's name"),
        description=plain.check_text(description, where="The description"),
        created_by=user,
    )

    def make() -> tuple[str, RegisteredModel]:
        try:
            with transaction.atomic():
                model.save(force_insert=True)
        except IntegrityError as error:
            raise DuplicateNameError(f"There is already a registered model named {name!r}.") from error
        record(action="model.register", subject_id=name)
        return name, model

    return make_once(
        operation="model.register",
        key=idempotency_key,
        request={"name": name, "description": description},
        make=make,
        find=_found,
    )


def create_model_version(
    *,
    model: str,
    run_id: str,
    artifact_path: str,
    description: str = "",
    user: User | None = None,
    idempotency_key: str | None = None,
) -> ModelVersion:
    """Add the next version of a model: a file of a run, or a folder of its files.

    Raises:
        NotFoundError: no such model, run or artifact.
        ConflictError: the run is in the bin.
    """
    checked_text(artifact_path, what="The artifact's path", limit=500)
    plain.check_text(description, where="The description")

    def make() -> tuple[str, ModelVersion]:
        run = lock_run(run_id)
        _require_artifact(run, artifact_path)
        registered = _locked(model)
        last = registered.versions.order_by("-number").values_list("number", flat=True).first() or 0
        version = ModelVersion.objects.create(
            model=registered,
            number=last + 1,
            run=run,
            artifact_path=artifact_path,
            source=f"runs:/{run_id}/{artifact_path}",
            description=description,
            created_by=user,
        )
        record(action="model.version", subject_id=model, details={"version": version.number, "run": run_id})
        return str(version.number), version

    return make_once(
        operation="model.version",
        key=idempotency_key,
        request={"model": model, "run": run_id, "path": artifact_path, "description": description},
        make=make,
        find=lambda number: _version(_found(model), int(number)),
    )


def set_alias(*, model: str, alias: str, version: int) -> ModelAlias:
    """Point an alias, such as ``champion``, at a version; it is moved where it exists.

    Raises:
        NotFoundError: no such model or version.
        BadInputError: the alias is not made of letters, digits, ``_`` and ``-``, or is reserved.
    """
    checked_key(alias, what="The alias")
    if not ALIAS.fullmatch(alias):
        raise BadInputError(f"The alias {alias!r} may have letters, digits, underscores and dashes only.")
    if RESERVED_ALIAS.fullmatch(alias):
        raise BadInputError(f"The alias {alias!r} is reserved for versions. Choose another word.")
    with transaction.atomic():
        registered = _locked(model)
        found, _ = ModelAlias.objects.update_or_create(
            model=registered, alias=alias, defaults={"version": _version(registered, version)}
        )
        record(action="model.alias", subject_id=model, details={"alias": alias, "version": version})
    return found


def delete_alias(*, model: str, alias: str) -> bool:
    """Delete an alias; False where there was none."""
    checked_text(model, what="The model's name")
    checked_text(alias, what="The alias")
    with transaction.atomic():
        deleted, _ = ModelAlias.objects.filter(model__name=model, alias=alias).delete()
        if deleted:
            record(action="model.alias_delete", subject_id=model, details={"alias": alias})
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
        record(action="model.stage", subject_id=model, details={"version": version, "stage": stage})
    return found


def _require_artifact(run: TrainingRun, path: str) -> None:
    files = Artifact.objects.filter(run=run)
    if not (files.filter(path=path) | files.filter(path__startswith=f"{path}/")).exists():
        raise NotFoundError(f"The run {run.run_id} has no artifact at {path!r}. Log the model first.")


def _found(name: str) -> RegisteredModel:
    model = RegisteredModel.objects.filter(name=name).first()
    if model is None:
        raise NotFoundError(f"There is no registered model named {name!r}.")
    return model


def _locked(name: str) -> RegisteredModel:
    """The registered model, its row locked: versions are numbered one after another."""
    checked_text(name, what="The model's name")
    model = RegisteredModel.objects.select_for_update(of=("self",)).filter(name=name).first()
    if model is None:
        raise NotFoundError(f"There is no registered model named {name!r}. Register it first.")
    return model


def _version(model: RegisteredModel, number: int) -> ModelVersion:
    version = model.versions.filter(number=number).first()
    if version is None:
        raise NotFoundError(f"The model {model.name!r} has no version {number}.")
    return version
