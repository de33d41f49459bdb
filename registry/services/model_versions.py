"""Versions of registered models: adding, describing, stages, deleting, tags."""

from collections.abc import Mapping

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max

from registry.documents import plain
from registry.enums import Lifecycle, ModelStage
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.models import (
    Artifact,
    Deployment,
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    TrainingRun,
)
from registry.queries.model_sources import VersionFiles
from registry.sync.audit import record

from .idempotency import make_once
from .logged_model_rows import lock_logged_model, note_version
from .model_tags import checked_tags
from .names import checked_text
from .registered_model_rows import find_version, lock_model, touch
from .registered_models import refuse_deployed
from .run_rows import lock_run

ACTIVE_STAGES = (ModelStage.STAGING, ModelStage.PRODUCTION)


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
        files = VersionFiles(f"runs:/{run_id}/{artifact_path}", run, None, artifact_path)
        version = _add(lock_model(model), files, description=description, created_by=user)
        return str(version.number), version

    return make_once(
        operation="model.version",
        key=idempotency_key,
        request={"model": model, "run": run_id, "path": artifact_path, "description": description},
        make=make,
        find=lambda number: ModelVersion.objects.get(model__name=model, number=int(number)),
    )


def register_files(
    *,
    model: str,
    files: VersionFiles,
    description: str = "",
    run_link: str = "",
    tags: Mapping[str, str] | None = None,
    user: User | None = None,
) -> ModelVersion:
    """Add the next version of a model, of files that :func:`find_files` found.

    Raises:
        NotFoundError: no such model, or the run or logged model is gone.
        ConflictError: the run or logged model is in the bin.
    """
    checked_text(files.source, what="The source", limit=1_000)
    checked_text(run_link, what="The run's link", limit=500)
    plain.check_text(description, where="The description")
    pairs = checked_tags(tags or {})
    with transaction.atomic():
        if files.run is not None:
            _require_run(files)
        if files.logged_model is not None:
            lock_logged_model(files.logged_model.model_id)
        registered = lock_model(model)
        version = _add(registered, files, description=description, run_link=run_link, created_by=user)
        ModelVersionTag.objects.bulk_create(
            ModelVersionTag(version=version, key=key, value=value) for key, value in pairs.items()
        )
        if files.logged_model is not None:
            note_version(files.logged_model, name=model, number=version.number)
    return version


def describe_version(*, model: str, version: int, description: str) -> ModelVersion:
    """Change a version's description."""
    plain.check_text(description, where="The description")
    with transaction.atomic():
        found = find_version(lock_model(model), version)
        found.description = description
        found.save(update_fields=["description", "updated_at"])
        record(action="model.version_describe", subject_id=model, details={"version": version})
    return found


def transition_stage(*, model: str, version: int, stage: str, archives_others: bool = True) -> ModelVersion:
    """Move a version to a stage.

    Args:
        archives_others: what was in Production (or Staging) goes to the archive.

    Raises:
        NotFoundError: no such model or version.
        BadInputError: no such stage.
    """
    if stage not in ModelStage.values:
        raise BadInputError(f"{stage!r} is no stage; there are {', '.join(ModelStage.values)}.")
    with transaction.atomic():
        registered = lock_model(model)
        found = find_version(registered, version)
        if archives_others and stage in ACTIVE_STAGES:
            for other in registered.versions.filter(stage=stage).exclude(pk=found.pk):
                _move(other, ModelStage.ARCHIVED)
        _move(found, ModelStage(stage))
        touch(registered)
        record(action="model.stage", subject_id=model, details={"version": version, "stage": stage})
    return found


def delete_version(*, model: str, version: int) -> None:
    """Delete a version with its tags, aliases, and deployments that have ended; its number stays used.

    Raises:
        NotFoundError: no such model or version.
        ConflictError: the version is deployed.
    """
    with transaction.atomic():
        registered = lock_model(model)
        found = find_version(registered, version)
        deployments = Deployment.objects.filter(version=found)
        refuse_deployed(deployments)
        deployments.delete()
        found.delete()
        touch(registered)
        record(action="model.version_delete", subject_id=model, details={"version": version})


def set_version_tag(*, model: str, version: int, key: str, value: str) -> None:
    """Set a tag of a version; one that is there takes the new value."""
    pairs = checked_tags({key: value})
    with transaction.atomic():
        found = find_version(lock_model(model), version)
        ModelVersionTag.objects.update_or_create(version=found, key=key, defaults={"value": pairs[key]})
        record(action="model.version_tag", subject_id=model, details={"version": version, "key": key})


def delete_version_tag(*, model: str, version: int, key: str) -> bool:
    """Delete a tag of a version; False where there was none."""
    checked_tags({key: ""})
    with transaction.atomic():
        found = find_version(lock_model(model), version)
        deleted, _ = ModelVersionTag.objects.filter(version=found, key=key).delete()
        if deleted:
            details = {"version": version, "key": key}
            record(action="model.version_tag_delete", subject_id=model, details=details)
    return bool(deleted)


def _add(registered: RegisteredModel, files: VersionFiles, **rest: object) -> ModelVersion:
    """The next version; numbers of deleted ones are not given again."""
    last = registered.versions.aggregate(last=Max("number"))["last"] or 0
    registered.last_number = max(last, registered.last_number) + 1
    registered.save(update_fields=["last_number", "updated_at"])
    version = ModelVersion.objects.create(
        model=registered,
        number=registered.last_number,
        run=files.run,
        logged_model=files.logged_model,
        artifact_path=files.path,
        source=files.source,
        **rest,
    )
    made_of = files.logged_model.model_id if files.logged_model else files.run and files.run.run_id
    details = {"version": version.number, "run" if files.logged_model is None else "logged_model": made_of}
    record(action="model.version", subject_id=registered.name, details=details)
    return version


def _move(version: ModelVersion, stage: ModelStage) -> None:
    version.stage = stage
    version.save(update_fields=["stage", "updated_at"])


def _require_run(files: VersionFiles) -> None:
    """The run is there, and held; in the bin it may be where a logged model has the files."""
    run_id = files.run.run_id if files.run else ""
    run = lock_run(run_id, even_deleted=files.logged_model is not None)
    if run.lifecycle == Lifecycle.PURGING:
        raise ConflictError(f"The run {run_id} is being purged.")


def _require_artifact(run: TrainingRun, path: str) -> None:
    if not path or not Artifact.objects.of(run).at_or_under(path).exists():
        raise NotFoundError(f"The run {run.run_id} has no artifact at {path!r}. Log the model first.")
