"""A note as both stores must have it, and the runs that notes belong to."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import QuerySet

from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.models import TrainingRun
from registry.sync.dual_write.sides import Key, Record


def record_of(at: object, by: object, text: object) -> Record:
    """A note as a mapping; the time in UTC to the millisecond, which is all that MongoDB keeps."""
    moment = at.astimezone(dt.UTC).isoformat(timespec="milliseconds") if isinstance(at, dt.datetime) else ""
    return {"at": moment, "by": str(by), "text": str(text)}


def entry_of(key: Key, record: Record) -> dict[str, Any]:
    """The note as its entry in a run's log.

    Raises:
        BadInputError: somebody has written something that is no note.
    """
    if not HEX_ID.fullmatch(key.record_id) or not record["at"] or not record["text"]:
        raise BadInputError(f"{key} is no note: it needs an id of 32 hexadecimal characters, a time, a text.")
    return record | {"at": dt.datetime.fromisoformat(record["at"])}


def by_owner(keys: Collection[Key]) -> dict[str, list[Key]]:
    """Keys by their run, runs in order."""
    grouped: dict[str, list[Key]] = {}
    for key in sorted(keys):
        grouped.setdefault(key.owner_id, []).append(key)
    return grouped


def locked_runs(run_ids: Collection[str]) -> dict[str, TrainingRun]:
    """These runs, as far as they are there, their rows locked in the order in which all lock them."""
    rows = TrainingRun.objects.select_for_update(of=("self",)).order_by("pk")
    return {run.run_id: run for run in rows.filter(run_id__in=list(run_ids))}


def runs_in_order(scope: str, elsewhere: Sequence[str], *, after: str, limit: int) -> list[str]:
    """Runs by their id, from behind ``after``; the scope is an experiment."""
    runs = _runs(scope, elsewhere).order_by("run_id")
    if after:
        runs = runs.filter(run_id__gt=after)
    return [str(run_id) for run_id in runs.values_list("run_id", flat=True)[:limit]]


def run_count(scope: str, elsewhere: Sequence[str]) -> int:
    """How many runs there are in the scope."""
    return _runs(scope, elsewhere).count()


def _runs(scope: str, elsewhere: Sequence[str]) -> QuerySet[TrainingRun]:
    if scope:
        return TrainingRun.objects.filter(experiment__experiment_id=scope)
    return TrainingRun.objects.exclude(experiment__experiment_id__in=elsewhere)
