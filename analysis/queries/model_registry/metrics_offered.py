"""Metrics as pages of the model registry offer them: in an order, and with the way that is better."""

from collections.abc import Iterable

from analysis.queries.comparison.directions import direction_of
from features.board_metrics import board_metrics

WAYS = {"higher": True, "lower": False, "": None}


def is_higher_better(key: str) -> bool | None:
    """Whether a greater value is better; None where nobody knows."""
    return WAYS[direction_of(key)]


def ranked(keys: Iterable[str]) -> list[str]:
    """Those with leaderboards in the order of the setting, then the others by name."""
    places = {key: place for place, key in enumerate(board_metrics())}
    return sorted(set(keys), key=lambda key: (places.get(key, len(places)), key))
