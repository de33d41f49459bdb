"""Starting, ending, resuming, deleting and restoring runs."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry import signals
from registry.documents import plain
from registry.enums import ENDED_STATUSES, Lifecycle, RunStatus
from registry.exceptions import BadInputError, ConflictError, DuplicateNameError, NotFoundError, in_the_bin
from registry.fields import HEX_ID, new_hex_id
from registry.models import Dataset, Experiment, TrainingRun
from registry.sync import run_body

from .idempotency import make_once
from .names import checked_name, checked_text
from .params import Leaves, claim_space, read_leaves, store_params
from .run_rows import bump, find_run, latest_metrics, lock_run
from .tags import store_run_tags, tag_pairs


def start_run(
    *,
    experiment: str,
    name: str = "",
    model_name: str = "",
    framework: str = "",
    dataset: str | None = None,
    run_id: str | None = None,
    parent_run_id: str | None = None,
    config: Mapping[str, Any] | None = None,
    tags: Mapping[str, str] | None = None,
    environment: Mapping[str, Any] | None = None,
    started_at: dt.datetime | None = None,
    user: User | None = None,
    idempotency_key: str | None = None,
) -> TrainingRun:
    """Start a run: its row, params and tags in PostgreSQL, its body in MongoDB.

    Args:
        experiment: the name of an active experiment.
        config: nested settings of any shape; leaves become params with dotted keys.
        run_id: 32 hexadecimal characters, where the caller chooses the id.
        idempotency_key: the same key again gives the run that the first request made.

    Raises:
        NotFoundError: no such experiment, dataset or parent run.
        DuplicateNameError: the chosen ``run_id`` is taken.
        BadInputError: something can't be stored; nothing was.
    """
    wanted_id = _checked_run_id(run_id)
    leaves = read_leaves(config or {})
    environment_body = plain.encode(dict(environment or {}), where="environment")

    def make() -> tuple[str, TrainingRun]:
        run = TrainingRun(
            run_id=wanted_id,
            experiment=_active_experiment(experiment),
            dataset=_dataset(dataset),
            parent=find_run(parent_run_id) if parent_run_id else None,
            name=checked_name(name or f"run-{wanted_id[:8]}", what="The run's name"),
            model_name=checked_text(model_name, what="The model's name"),
            framework=checked_text(framework, what="The framework", limit=64),
            started_at=started_at or timezone.now(),
            created_by=user,
        )
        _store_new(run, leaves, tags or {}, environment_body)
        return run.run_id, run

    request = {
        "experiment": experiment, "name": name, "model_name": model_name, "framework": framework,
        "dataset": dataset, "run_id": run_id, "parent": parent_run_id, "config": config, "tags": tags,
        "environment": environment, "started_at": started_at,
    }  # fmt: skip
    return make_once(operation="run.start", key=idempotency_key, request=request, make=make, find=find_run)


def end_run(
    *,
    run_id: str,
    status: str = RunStatus.FINISHED,
    ended_at: dt.datetime | None = None,
    failure_reason: str = "",
) -> TrainingRun:
    """End a run; ending it again with the same status changes nothing.

    Raises:
        BadInputError: the status is none that ends a run, or the end lies before the start.
        ConflictError: the run already ended otherwise.
    """
    if status not in ENDED_STATUSES:
        raise BadInputError(f"A run can't end as {status!r}; use one of {', '.join(ENDED_STATUSES)}.")
    with transaction.atomic():
        run = lock_run(run_id)
        if run.is_ended:
            return _already_ended(run, status)
        run.ended_at = ended_at or max(timezone.now(), run.started_at)
        if run.ended_at < run.started_at:
            raise BadInputError(f"The run can't end at {run.ended_at}, before it started ({run.started_at}).")
        run.status = RunStatus(status)
        run.duration_seconds = (run.ended_at - run.started_at).total_seconds()
        run.failure_reason = checked_text(failure_reason, what="The reason", limit=10_000)
        bump(run, "status", "ended_at", "duration_seconds", "failure_reason")
        run_body.promise_status(run=run, metrics=latest_metrics(run))
    return run


def resume_run(*, run_id: str) -> TrainingRun:
    """Open an ended run again; resuming a running one changes nothing."""
    with transaction.atomic():
        run = lock_run(run_id)
        if run.is_ended:
            run.status, run.ended_at, run.duration_seconds = RunStatus.RUNNING, None, None
            run.failure_reason = ""
            bump(run, "status", "ended_at", "duration_seconds", "failure_reason")
            run_body.promise_status(run=run, metrics=latest_metrics(run))
    return run


def delete_run(*, run_id: str) -> TrainingRun:
    """Move a run to the bin; it keeps everything and can be restored."""
    return _set_lifecycle(run_id, Lifecycle.DELETED)


def restore_alone(run: TrainingRun) -> TrainingRun:
    """Take a run out of the bin, where that takes it out: not in an archived experiment.

    Args:
        run: with its experiment, as just read.

    Raises:
        ConflictError: its experiment is in the bin; the run would stay there.
    """
    if run.experiment.lifecycle != Lifecycle.ACTIVE:
        raise in_the_bin("run", run.run_id, f"Restore its experiment {run.experiment.name!r} first.")
    return restore_run(run_id=run.run_id)


def restore_run(*, run_id: str) -> TrainingRun:
    """Take a run out of the bin."""
    return _set_lifecycle(run_id, Lifecycle.ACTIVE)


def _store_new(run: TrainingRun, leaves: Leaves, tags: Mapping[str, str], environment: Any) -> None:
    claim_space(run, leaves)
    _insert(run)
    store_params(run=run, leaves=leaves)
    store_run_tags(run=run, tags=tags)
    run_body.promise_start(run=run, leaves=leaves, tags=tag_pairs(tags), environment=environment)
    signals.announce(signals.run_logged, run_id=run.run_id)


def _insert(run: TrainingRun) -> None:
    try:
        with transaction.atomic():
            run.save(force_insert=True)
    except IntegrityError as error:
        if "run_id" not in str(error):
            raise
        raise DuplicateNameError(f"There is already a run with id {run.run_id}.") from error


def _checked_run_id(run_id: str | None) -> str:
    if run_id is not None and not HEX_ID.fullmatch(run_id):
        raise BadInputError(f"A run's id is 32 hexadecimal characters in lower case, not {run_id!r}.")
    return run_id or new_hex_id()


def _active_experiment(name: str) -> Experiment:
    # Shared with other starters; whoever purges the experiment waits for us, or we find it closed.
    sql = "SELECT * FROM registry_experiment WHERE name = %s FOR KEY SHARE"
    experiment = next(iter(Experiment.objects.raw(sql, [name])), None)
    if experiment is None:
        raise NotFoundError(f"There is no experiment named {name!r}. Create it first.")
    if experiment.lifecycle != Lifecycle.ACTIVE:
        raise in_the_bin("experiment", repr(name))
    return experiment


def _dataset(name: str | None) -> Dataset | None:
    if name is None:
        return None
    sql = "SELECT * FROM registry_dataset WHERE name = %s FOR KEY SHARE"
    dataset = next(iter(Dataset.objects.raw(sql, [name])), None)
    if dataset is None:
        raise NotFoundError(f"There is no dataset named {name!r}. Create it first.")
    if dataset.lifecycle != Lifecycle.ACTIVE:
        raise ConflictError(f"The dataset {name!r} is being purged. Use another.")
    return dataset


def _already_ended(run: TrainingRun, status: str) -> TrainingRun:
    if run.status != status:
        raise ConflictError(f"The run {run.run_id} already ended as {run.status}; resume it first.")
    return run


def _set_lifecycle(run_id: str, lifecycle: Lifecycle) -> TrainingRun:
    with transaction.atomic():
        run = lock_run(run_id, even_deleted=True)
        if run.lifecycle == Lifecycle.PURGING:
            raise ConflictError(f"The run {run_id} is being purged; it can't be brought back.")
        if run.lifecycle != lifecycle:
            run.lifecycle = lifecycle
            run.deleted_at = timezone.now() if lifecycle == Lifecycle.DELETED else None
            bump(run, "lifecycle", "deleted_at")
            run_body.promise_lifecycle(run=run)
    return run
