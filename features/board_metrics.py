"""Which metrics have leaderboards, and which way is up: the setting ``LEADERBOARD_METRICS``."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from registry.exceptions import NotFoundError

ACCURACY = "accuracy"
COLUMNS = ("accuracy", "loss")
"""Metrics whose latest value stands on the run itself."""


@dataclass(frozen=True, slots=True)
class BoardMetric:
    """A metric with leaderboards.

    Equal scores are ordered by run id, in the direction in which the board is read: descending where
    the greatest score is first, ascending where the least is. So does PostgreSQL, so ties are stable.
    """

    key: str
    is_higher_better: bool


def board_metrics() -> dict[str, BoardMetric]:
    """All of them by key, in the order of the setting."""
    return _read(tuple(settings.LEADERBOARD_METRICS.items()))


def board_metric(key: str) -> BoardMetric:
    """The one with this key.

    Raises:
        NotFoundError: it has no leaderboards.
    """
    known = board_metrics()
    if key not in known:
        raise NotFoundError(
            f"{key[:100]!r} has no leaderboards. Those that have (LEADERBOARD_METRICS): {', '.join(known)}."
        )
    return known[key]


@cache
def _read(pairs: tuple[tuple[str, str], ...]) -> dict[str, BoardMetric]:
    return {key: BoardMetric(key, direction == "higher") for key, direction in pairs}
