"""The most accurate runs, and what their accuracy cost in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

from registry.models import TrainingRun

from .arithmetic import per_hour


@dataclass(frozen=True)
class TopRun:
    """A run with its accuracy (0 to 1) and the accuracy per hour of training."""

    run_id: str
    name: str
    experiment: str
    dataset: str | None
    model_name: str
    framework: str
    accuracy: float
    loss: float | None
    duration_seconds: float | None
    accuracy_per_hour: float | None


def top_runs(
    *, experiment: str = "", dataset: str = "", framework: str = "", limit: int = 10
) -> list[TopRun]:
    """Finished runs by accuracy, the shorter training first where it ties (one statement).

    ``accuracy_per_hour`` is None where the duration is unknown or zero.
    """
    wanted = {"experiment__name": experiment, "dataset__name": dataset, "framework": framework}
    conditions = Q(**{name: value for name, value in wanted.items() if value})
    rows: Iterable[tuple[Any, ...]] = (
        TrainingRun.objects.active()
        .finished()
        .filter(conditions, accuracy__isnull=False)
        .order_by(F("accuracy").desc(nulls_last=True), F("duration_seconds").asc(nulls_last=True), "-id")
        .values_list(
            "run_id", "name", "experiment__name", "dataset__name", "model_name", "framework",
            "accuracy", "loss", "duration_seconds",
        )[:limit]
    )  # fmt: skip
    return [TopRun(*(*row, per_hour(row[6], row[8]))) for row in rows]
