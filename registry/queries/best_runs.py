"""The best runs of experiments."""

from collections.abc import Sequence

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from registry.models import TrainingRun


def best_run_ids(*, experiments: Sequence[int], of_each: int) -> list[str]:
    """The ids of the most accurate finished runs, so many of each experiment, the best first (one statement).

    Args:
        experiments: primary keys.
    """
    runs = TrainingRun.objects.active().finished().filter(experiment__in=experiments, accuracy__isnull=False)
    place = Window(RowNumber(), partition_by="experiment", order_by=[F("accuracy").desc(), F("pk").desc()])
    best = runs.annotate(place=place).filter(place__lte=of_each).order_by("-accuracy", "-pk")
    return [str(each) for each in best.values_list("run_id", flat=True)]
