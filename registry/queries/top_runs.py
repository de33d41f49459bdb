"""The most accurate runs, and what their accuracy cost in time."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, FloatField, Q, Value
from django.db.models.expressions import ExpressionWrapper
from django.db.models.functions import NullIf

from registry.enums import RunStatus
from registry.models import TrainingRun

SECONDS_PER_HOUR = 3_600.0


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
    hours = ExpressionWrapper(F("duration_seconds") / Value(SECONDS_PER_HOUR), output_field=FloatField())
    rows: Iterable[tuple[Any, ...]] = (
        TrainingRun.objects.active()
        .filter(conditions, status=RunStatus.FINISHED, accuracy__isnull=False)
        .annotate(accuracy_per_hour=F("accuracy") / NullIf(hours, Value(0.0)))
        .order_by(F("accuracy").desc(nulls_last=True), F("duration_seconds").asc(nulls_last=True), "-id")
        .values_list(
            "run_id", "name", "experiment__name", "dataset__name", "model_name", "framework",
            "accuracy", "loss", "duration_seconds", "accuracy_per_hour",
        )[:limit]
    )  # fmt: skip
    return [TopRun(str(run_id), *rest) for run_id, *rest in rows]
