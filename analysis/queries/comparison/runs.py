"""The runs of a comparison, as all its parts know them."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.urls import reverse

from analysis.charts.series import LOOKS
from registry.enums import Lifecycle
from registry.models import Dataset, TrainingRun
from registry.queries.permissions import visible_to

SHOWN = (
    *("run_id", "name", "status", "lifecycle", "model_name", "framework", "started_at", "duration_seconds"),
    *("failure_reason", "version", "body_version", "created_by__username", "experiment__name"),
    *("dataset__name", "dataset__given_name", "dataset__digest", "dataset__source"),
    *("dataset__row_count", "dataset__feature_count"),
)
"""Columns of runs and of what they belong to; naming all 66 takes longer than reading these."""


@dataclass(frozen=True, slots=True)
class ComparedRun:
    """One run of a comparison.

    Attributes:
        pk: Primary key; never leaves the server.
        name: As it was given; many runs may have the same.
        label: The name, with the beginning of the id where another run here has that name, too.
        look: Colour and dash pattern, 0 to 7; runs of a group share one.
        owner: Who made it, empty where nobody is known.
        version: In PostgreSQL.
        body_version: The last version seen in MongoDB.
        page: The address of its own page.
    """

    pk: int
    run_id: str
    name: str
    label: str
    look: int
    status: str
    owner: str
    experiment: str
    model: str
    framework: str
    dataset: Dataset | None
    is_deleted: bool
    started_at: dt.datetime
    duration_seconds: float | None
    failure_reason: str
    version: int
    body_version: int
    page: str


def compared_runs(run_ids: Sequence[str], *, viewer: User) -> list[ComparedRun]:
    """Those of these runs that are there and that the viewer may read, in this order (one statement)."""
    if not run_ids:
        return []
    rows = (
        TrainingRun.objects.filter(visible_to(viewer, experiment="experiment"), run_id__in=run_ids)
        .exclude(lifecycle=Lifecycle.PURGING)
        .select_related("experiment", "dataset", "created_by")
        .only(*SHOWN)
        .order_by()
    )
    found = {run.run_id: run for run in rows}
    there = [found[run_id] for run_id in run_ids if run_id in found]
    return _labelled([_compared(run, place % LOOKS) for place, run in enumerate(there)])


def _compared(run: TrainingRun, look: int) -> ComparedRun:
    return ComparedRun(
        pk=run.pk,
        run_id=run.run_id,
        name=run.name,
        label=run.name,
        look=look,
        status=run.status,
        owner=run.created_by.get_username() if run.created_by else "",
        experiment=run.experiment.name,
        model=run.model_name,
        framework=run.framework,
        dataset=run.dataset,
        is_deleted=run.lifecycle != Lifecycle.ACTIVE,
        started_at=run.started_at,
        duration_seconds=run.duration_seconds,
        failure_reason=run.failure_reason,
        version=run.version,
        body_version=run.body_version,
        page=reverse("analysis:run-detail", args=[run.run_id]),
    )


def _labelled(runs: list[ComparedRun]) -> list[ComparedRun]:
    often = Counter(run.name for run in runs)
    return [
        replace(run, label=f"{run.name} · {run.run_id[:6]}") if often[run.name] > 1 else run for run in runs
    ]
