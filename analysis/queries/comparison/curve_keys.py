"""Which metrics' curves are drawn: those asked for, else the one to three that people look at first."""

from collections.abc import Sequence

from analysis.queries.curve_groups import FIRST, SPLIT

from .directions import direction_of
from .logged import Metrics

MOST_DEFAULT = 2
MOST_CHOSEN = 12
MOST_CHOICES = 300
USUAL = tuple(f"{split}{key}" for split in ("", "train_", "val_", "test_") for key in FIRST)
"""Metrics that people look at first."""
FIRST_PARTS = ("val", "valid", "validation", "eval", "test")


def curve_keys(metrics: Metrics, chosen: Sequence[str]) -> list[str]:
    """The keys whose curves are drawn, at most 12.

    Without a choice: the metrics that most runs have a curve of, well-known measures and validation first,
    one a measure, two of them.
    """
    known = [key for key in chosen if key in metrics][:MOST_CHOSEN]
    if known:
        return known
    counts = {key: sum(each.has_curve for each in of_runs.values()) for key, of_runs in metrics.items()}
    most = max(counts.values(), default=0)
    if not most:
        return []
    found: dict[str, str] = {}
    for key in sorted((key for key, count in counts.items() if count * 2 >= most), key=_interest):
        found.setdefault(SPLIT.sub("", key) or key, key)
    return list(found.values())[:MOST_DEFAULT]


def curve_choices(metrics: Metrics, drawn: Sequence[str]) -> tuple[list[str], int]:
    """The keys that have a curve, at most 300 of them and those that are drawn; and how many there are."""
    keys = [key for key in metrics if any(each.has_curve for each in metrics[key].values())]
    first = set(keys[:MOST_CHOICES]).union(drawn)
    return [key for key in keys if key in first], len(keys)


def _interest(key: str) -> tuple[int, bool, bool, str]:
    stem = SPLIT.sub("", key) or key
    place = FIRST.index(stem) if stem in FIRST else len(FIRST)
    return place, not direction_of(key), not key.startswith(FIRST_PARTS), key
