"""Which leaderboards there are to look at."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef

from features.board_metrics import ACCURACY, board_metrics
from features.online import leaderboards
from registry.exceptions import StoreUnavailableError
from registry.models import Dataset, TrainingRun
from registry.queries.permissions import visible_to

MOST_NAMES = 500


@dataclass(frozen=True)
class BoardChoices:
    """What to choose from, and what is chosen; ``dataset`` is empty where there is none."""

    datasets: list[str]
    metrics: list[str]
    dataset: str
    metric: str


def board_choices(viewer: User, *, dataset: str = "", metric: str = "") -> BoardChoices:
    """The first 500 data sets with a finished run that the viewer may read, and the metrics of one of them.

    One statement and one round trip; where Redis does not tell which boards there are, all metrics.

    Args:
        dataset: the first of them by default.
        metric: by default the first that has a board.
    """
    datasets = _datasets(viewer)
    dataset = dataset or next(iter(datasets), "")
    metrics = _metrics(dataset)
    metric = metric or next(iter(metrics), ACCURACY)
    return BoardChoices(datasets, metrics, dataset, metric)


def _datasets(viewer: User) -> list[str]:
    runs = TrainingRun.objects.active().finished().filter(visible_to(viewer, experiment="experiment"))
    known = Dataset.objects.filter(Exists(runs.filter(dataset=OuterRef("pk"))))
    return list(known.order_by("name").values_list("name", flat=True)[:MOST_NAMES])


def _metrics(dataset: str) -> list[str]:
    try:
        found = [metric for metric, size in leaderboards.sizes(dataset).items() if size]
    except StoreUnavailableError:
        found = []
    return found or list(board_metrics())
