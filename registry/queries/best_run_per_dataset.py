"""The most accurate run on each dataset."""

from dataclasses import dataclass

from django.db.models import F

from registry.enums import RunStatus
from registry.models import TrainingRun


@dataclass(frozen=True)
class BestRun:
    """A dataset's most accurate finished run; the earlier one where accuracies tie."""

    dataset: str
    run_id: str
    name: str
    model_name: str
    framework: str
    accuracy: float


def best_run_per_dataset() -> list[BestRun]:
    """One run a dataset that has any with an accuracy, by the dataset's name (one statement)."""
    runs = TrainingRun.objects.active().filter(
        status=RunStatus.FINISHED, accuracy__isnull=False, dataset__isnull=False
    )
    best = runs.order_by("dataset__name", F("accuracy").desc(), "started_at", "id").distinct("dataset__name")
    fields = ("dataset__name", "run_id", "name", "model_name", "framework", "accuracy")
    return [BestRun(*row) for row in best.values_list(*fields)]
