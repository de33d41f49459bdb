"""Changing a run's status, end and name as MLflow does: any status after any other, again and again."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from registry.enums import RunStatus
from registry.exceptions import BadInputError
from registry.models import TrainingRun
from registry.sync import run_body

from .names import checked_name
from .run_batches import RUN_NAME_TAG
from .run_rows import bump, latest_metrics, lock_run
from .tags import current_tags, store_run_tags


def update_run(
    *, run_id: str, status: str | None = None, ended_at: dt.datetime | None = None, name: str | None = None
) -> TrainingRun:
    """Change what is given; the same again changes nothing.

    Args:
        status: a run that ends without ``ended_at`` ends now; one that runs again has no end.
        ended_at: an end before the start (two clocks) becomes the start.

    Raises:
        NotFoundError, ConflictError: no such run, or it is in the bin.
        BadInputError: there is no such status.
    """
    if status is not None and status not in RunStatus.values:
        raise BadInputError(f"{status!r} is no status of a run; there are {', '.join(RunStatus.values)}.")
    with transaction.atomic():
        run = lock_run(run_id)
        is_renamed = bool(name) and name != run.name
        if is_renamed:
            run.name = checked_name(name or "", what="The run's name")
            store_run_tags(run=run, tags={RUN_NAME_TAG: run.name})
        is_moved = _move(run, status or run.status, ended_at)
        if is_renamed or is_moved:
            bump(run, "name", "status", "ended_at", "duration_seconds")
        if is_renamed:
            run_body.promise_tags(run=run, tags=current_tags(run))
        if is_moved:
            run_body.promise_status(run=run, metrics=latest_metrics(run))
    return run


def _move(run: TrainingRun, status: str, ended_at: dt.datetime | None) -> bool:
    before = run.status, run.ended_at
    run.status = RunStatus(status)
    if run.is_ended:
        run.ended_at = max(ended_at or run.ended_at or timezone.now(), run.started_at)
        run.duration_seconds = (run.ended_at - run.started_at).total_seconds()
    else:
        run.ended_at = run.duration_seconds = None
    return before != (run.status, run.ended_at)
