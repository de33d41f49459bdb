"""Where runs stand, by PostgreSQL: what the leaderboards in Redis are made of, and their stand-in."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from features.online.leaderboards import Place, Standing
from registry.enums import Lifecycle, RunStatus
from registry.models import TrainingRun

COLUMNS = ("run_id", "version", "dataset__name", "accuracy", "status", "lifecycle")
CHUNK = 10_000


def standings_of(versions: Mapping[str, int]) -> list[Standing]:
    """How these runs stand now (one statement); one that is gone stands nowhere, at the given version."""
    runs = TrainingRun.objects.filter(run_id__in=list(versions)).select_related("dataset").only(*COLUMNS)
    found = {run.run_id: _standing(run) for run in runs}
    return [found.get(run_id) or Standing(run_id, version) for run_id, version in versions.items()]


def all_standings() -> Iterator[Standing]:
    """Every run that stands on a board."""
    runs = TrainingRun.objects.filter(
        lifecycle=Lifecycle.ACTIVE,
        status=RunStatus.FINISHED,
        dataset__isnull=False,
        accuracy__isnull=False,
    )
    for run in runs.order_by().select_related("dataset").only(*COLUMNS).iterator(chunk_size=CHUNK):
        yield _standing(run)


def top_by_record(dataset: str, *, limit: int = 10) -> list[Place]:
    """The best runs on a dataset, from PostgreSQL: for when Redis is away (one statement)."""
    runs = TrainingRun.objects.active().finished().on_dataset(dataset).filter(accuracy__isnull=False)
    rows: Any = runs.order_by("-accuracy", "-run_id").values_list("run_id", "accuracy")[:limit]
    return [Place(run_id, rank, accuracy) for rank, (run_id, accuracy) in enumerate(rows, 1)]


def _standing(run: TrainingRun) -> Standing:
    is_shown = run.lifecycle == Lifecycle.ACTIVE and run.status == RunStatus.FINISHED
    if not is_shown or run.dataset is None or run.accuracy is None or math.isnan(run.accuracy):
        return Standing(run.run_id, run.version)
    return Standing(run.run_id, run.version, run.dataset.name, run.accuracy)
