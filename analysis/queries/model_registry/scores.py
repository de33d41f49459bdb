"""What the versions of a model scored: the latest values of their runs' metrics."""

import math
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Q

from analysis.queries.model_registry.metrics_offered import is_higher_better, ranked
from features.board_metrics import board_metrics
from registry.models import Metric

MOST_OTHERS = 12

Scores = Mapping[str, float]


def scores_of(runs: Sequence[int]) -> dict[int, dict[str, float]]:
    """Primary key of a run → metric → latest value (one statement, none without runs).

    Of runs with thousands of metrics these: the ones that have leaderboards, and the first twelve by name
    of the first run.

    Args:
        runs: Primary keys; the newest version's first.
    """
    if not runs:
        return {}
    of_first = Metric.objects.filter(run=runs[0]).order_by("key").values("key")[:MOST_OTHERS]
    rows = Metric.objects.filter(Q(key__in=list(board_metrics())) | Q(key__in=of_first), run__in=runs)
    found: dict[int, dict[str, float]] = {}
    for run, key, value in rows.values_list("run_id", "key", "latest_value"):
        found.setdefault(run, {})[key] = value
    return found


def keys_of(scores: Iterable[Scores]) -> list[str]:
    """The metrics that any of them has, the one to choose by first."""
    return ranked(key for each in scores for key in each)


def best_of(values: Mapping[int, float], key: str) -> int | None:
    """The version with the best value, the earliest of equals; None where no way is known to be better.

    Args:
        values: Version → its value.
    """
    is_higher = is_higher_better(key)
    told = {number: value for number, value in values.items() if not math.isnan(value)}
    if is_higher is None or not told:
        return None
    return min(told, key=lambda number: (-told[number] if is_higher else told[number], number))
