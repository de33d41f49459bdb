"""What of the curves a chart can show, and the words for the rest."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

from analysis.queries.metric_curves import PLACES, MetricCurve

from .runs import ComparedRun

FIRST_YEAR, LAST_YEAR = 1000, 9000
"""Clients log what they like as a time; a calendar ends, and an axis needs room on both sides."""
FIRST_MS, LAST_MS = (
    int(dt.datetime(year, 1, 1, tzinfo=dt.UTC).timestamp()) * 1_000 for year in (FIRST_YEAR, LAST_YEAR)
)
MOST_NAMED = 3

OfRun = tuple[ComparedRun, MetricCurve]


def on_clock(curve: MetricCurve) -> MetricCurve:
    """The curve without the points whose time no calendar has."""
    there = (curve.timestamps_ms >= FIRST_MS) & (curve.timestamps_ms < LAST_MS)
    if there.all():
        return curve
    return replace(
        curve,
        steps=curve.steps[there],
        timestamps_ms=curve.timestamps_ms[there],
        values=curve.values[there],
    )


def notes_on(read: Sequence[OfRun], shown: Sequence[OfRun], *, most: int) -> Iterator[str]:
    """What the lines leave out.

    Args:
        read: The curves as they were logged.
        shown: The same ones as they are drawn.
        most: How many points a curve may have that is read whole.
    """
    off = {
        run.label: before.steps.size - after.steps.size
        for (run, before), (_, after) in zip(read, shown, strict=True)
    }
    if count := sum(off.values()):
        points = f"{count:,} point{'s' if count > 1 else ''}"
        yield (
            f"{points} of {_named([label for label in off if off[label]])} left out: "
            f"logged with a time outside the years {FIRST_YEAR} to {LAST_YEAR - 1}."
        )
    if sampled := [run.label for run, curve in read if curve.is_sampled]:
        yield (
            f"More than {most:,} points in {_named(sampled)}: drawn from those at {PLACES} even steps, so "
            "what lies between is not seen. Compare fewer runs or metrics to see it all."
        )


def _named(labels: Sequence[str]) -> str:
    more = len(labels) - MOST_NAMED
    return ", ".join(labels[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
