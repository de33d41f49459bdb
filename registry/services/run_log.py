"""Logging what grows with time: epochs, checkpoints, notes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from registry.documents import plain
from registry.exceptions import BadInputError
from registry.fields import new_hex_id
from registry.sync import run_body
from registry.sync.run_notes.notes import hold_notes, is_a_version, write_note

from .idempotency import make_once
from .metric_samples import MetricSample
from .metrics import log_metrics
from .run_rows import bump, lock_run, touch

MAX_NOTE = 100_000


def log_epoch(
    *,
    run_id: str,
    epoch: int,
    metrics: Mapping[str, float],
    details: Mapping[str, Any] | None = None,
    at: dt.datetime | None = None,
) -> None:
    """Log an epoch: its metrics as points at this step, and a record of it in the run's log.

    Logging an epoch again replaces its record; its points stay.

    Args:
        epoch: counted from 0 or 1, as the training does.
        details: anything else about the epoch, of any shape (learning rate, seconds, …).
        at: when the epoch ended; now, unless it is logged afterwards.
    """
    if epoch < 0:
        raise BadInputError(f"An epoch is a number from 0, not {epoch}.")
    ended_at = at or timezone.now()
    at_ms = int(ended_at.timestamp() * 1_000)
    entry = {
        "at": ended_at,
        "metrics": plain.encode(dict(metrics), where="metrics"),
        "details": plain.encode(dict(details or {}), where="details"),
    }
    with transaction.atomic():
        log_metrics(
            run_id=run_id, points=[MetricSample(key, value, epoch, at_ms) for key, value in metrics.items()]
        )
        _log(run_id, kind="epoch", key=str(epoch), number=epoch, entry=entry)


def log_checkpoint(
    *, run_id: str, step: int, artifact_path: str = "", details: Mapping[str, Any] | None = None
) -> None:
    """Log that a checkpoint was taken at a step, with the artifact that holds it."""
    if step < 0:
        raise BadInputError(f"A checkpoint's step is a number from 0, not {step}.")
    body = plain.encode(dict(details or {}), where="details")
    entry = {"at": timezone.now(), "artifact_path": artifact_path, "details": body}
    with transaction.atomic():
        _log(run_id, kind="checkpoint", key=str(step), number=step, entry=entry)


def add_note(*, run_id: str, text: str, user: User | None = None, idempotency_key: str | None = None) -> str:
    """Add a note to a run; returns its id. The same idempotency key again adds nothing."""
    if not text.strip() or len(text) > MAX_NOTE:
        raise BadInputError(f"A note has between 1 and {MAX_NOTE:,} characters, not {len(text):,}.")
    plain.check_text(text, where="The note")
    now = timezone.now()
    at = now.replace(microsecond=now.microsecond // 1_000 * 1_000)  # what MongoDB keeps of it
    by = user.get_username() if user else ""

    def make() -> tuple[str, str]:
        held = hold_notes()
        run = lock_run(run_id)
        standing = held.of(run.experiment.experiment_id)
        note_id = new_hex_id()
        bump(run) if is_a_version(standing) else touch(run)
        write_note(run=run, standing=standing, note_id=note_id, at=at, by=by, text=text)
        return note_id, note_id

    return make_once(
        operation="run.note",
        key=idempotency_key,
        request={"run": run_id, "text": text},
        make=make,
        find=str,
    )


def _log(run_id: str, *, kind: str, key: str, number: int, entry: dict[str, Any]) -> None:
    run = lock_run(run_id)
    bump(run)
    run_body.promise_log_entry(run=run, kind=kind, key=key, number=number, entry=entry)
