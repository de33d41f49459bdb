"""Logged models: what a run made and may be registered (MLflow 3's ``LoggedModel``)."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from registry.enums import Lifecycle
from registry.exceptions import BadInputError, ConflictError, NotFoundError, ParamConflictError
from registry.models import Experiment, LoggedModel, LoggedModelParam, LoggedModelTag, RunModel, TrainingRun
from registry.sync.audit import record

from .logged_model_rows import lock_logged_model, store_logged_model_tags
from .model_tags import checked_tag_key, checked_tags
from .names import checked_text
from .run_creation import invented_name
from .run_rows import lock_run

NOT_IN_NAMES = ("/", ":", ".", "%", '"', "'")
MAX_PARAM = 6_000
MAX_NAME = 500


def create_logged_model(
    *,
    experiment: Experiment,
    name: str = "",
    model_type: str = "",
    source_run: TrainingRun | None = None,
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    user: User | None = None,
) -> LoggedModel:
    """Begin a logged model; its files follow, then :func:`.logged_model_ends.finalize_logged_model`.

    Raises:
        BadInputError: the name holds what MLflow refuses, or the run is of another experiment.
        ConflictError: the experiment or the run is in the bin.
    """
    if source_run is not None and source_run.experiment_id != experiment.pk:
        raise BadInputError("The source run is in another experiment than the model.")
    model = LoggedModel(
        experiment=experiment,
        source_run=source_run,
        name=checked_logged_name(name) if name else invented_name(),
        model_type=checked_text(model_type, what="The model's type", limit=MAX_NAME),
        created_by=user,
        created_at=timezone.now(),
    )
    settings, pairs = checked_model_params(params or {}), checked_tags(tags or {})
    with transaction.atomic():
        _hold_experiment(experiment)
        if source_run is not None:
            lock_run(source_run.run_id)
        model.save(force_insert=True)
        LoggedModelParam.objects.bulk_create(
            LoggedModelParam(model=model, key=key, value=value) for key, value in settings.items()
        )
        store_logged_model_tags(model, pairs)
        record(action="logged_model.create", subject_id=model.model_id, details={"name": model.name})
    return model


def delete_logged_model(*, model_id: str) -> LoggedModel:
    """Move a logged model to the bin; it keeps everything. Deleting it again changes nothing."""
    with transaction.atomic():
        model = lock_logged_model(model_id, even_deleted=True)
        if model.lifecycle == Lifecycle.ACTIVE:
            model.lifecycle, model.deleted_at = Lifecycle.DELETED, timezone.now()
            model.save(update_fields=["lifecycle", "deleted_at", "updated_at"])
            record(action="logged_model.delete", subject_id=model_id)
    return model


def log_model_params(*, model_id: str, params: Mapping[str, str]) -> None:
    """Add params of a logged model; one that is there keeps its value, and the same value again is fine.

    Raises:
        NotFoundError: there is no such model.
        ParamConflictError: a param has another value already.
    """
    settings = checked_model_params(params)
    with transaction.atomic():
        model = lock_logged_model(model_id)
        there = dict(model.params.filter(key__in=settings).values_list("key", "value"))
        for key, value in there.items():
            if settings[key] != value:
                raise ParamConflictError(
                    f"Changing param values is not allowed. Param with key={key!r} was already logged"
                    f" with value={value!r} for model ID='m-{model_id}'."
                )
        LoggedModelParam.objects.bulk_create(
            LoggedModelParam(model=model, key=key, value=value)
            for key, value in settings.items()
            if key not in there
        )


def set_logged_model_tags(*, model_id: str, tags: Mapping[str, str]) -> None:
    """Set tags of a logged model; a tag that is there takes the new value."""
    pairs = checked_tags(tags)
    with transaction.atomic():
        store_logged_model_tags(lock_logged_model(model_id), pairs)


def delete_logged_model_tag(*, model_id: str, key: str) -> None:
    """Delete a tag of a logged model.

    Raises:
        NotFoundError: no such model, or it has no such tag.
    """
    checked_text(key, what="The key")
    with transaction.atomic():
        model = lock_logged_model(model_id)
        if not LoggedModelTag.objects.filter(model=model, key=key).delete()[0]:
            raise NotFoundError(f"No tag with key {key!r} found for model with ID 'm-{model_id}'.")


def link_models(*, run_id: str, models: Sequence[tuple[LoggedModel, int]], role: str) -> None:
    """Say which logged models a run read or made, each at a step; the same again changes nothing.

    Raises:
        NotFoundError, ConflictError: no such run, or it is in the bin.
    """
    with transaction.atomic():
        run = lock_run(run_id)
        rows = {model.pk: RunModel(run=run, model=model, role=role, step=step) for model, step in models}
        RunModel.objects.bulk_create(rows.values(), ignore_conflicts=True)


def checked_logged_name(name: str) -> str:
    """A name that a logged model may have.

    Raises:
        BadInputError: it holds what MLflow refuses, or is too long.
    """
    if any(character in name for character in NOT_IN_NAMES) or not name.strip():
        raise BadInputError(
            f"Invalid model name ({name!r}) provided. Model name must be a non-empty string"
            f" and cannot contain the following characters: {NOT_IN_NAMES}"
        )
    return checked_text(name, what="The model's name", limit=MAX_NAME)


def checked_model_params(params: Mapping[str, str]) -> dict[str, str]:
    """Params that a logged model may have.

    Raises:
        BadInputError: a key or value can't be stored.
    """
    return {
        checked_tag_key(key): checked_text(value, what=f"The param {key[:50]!r}", limit=MAX_PARAM)
        for key, value in params.items()
    }


def _hold_experiment(experiment: Experiment) -> None:
    """Nobody purges the experiment before the model is in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lifecycle FROM registry_experiment WHERE id = %s FOR KEY SHARE", [experiment.pk]
        )
        row = cursor.fetchone()
    if row is None or row[0] != Lifecycle.ACTIVE:
        raise ConflictError(
            f"The experiment {experiment.name!r} must be in the 'active' state. Current state is deleted."
        )
