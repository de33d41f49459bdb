"""Events per hour as columns."""

import datetime as dt
from collections.abc import Sequence

from analysis.charts.columns import Column
from features.models import EventKind
from features.queries.activity import HourCount

LABEL_EVERY = 6


def hour_columns(hours: Sequence[HourCount]) -> list[Column]:
    """A column an hour, by kind; each sixth has a name below, midnight its day."""
    return [_column(each) for each in hours]


def hours_shown(hours: Sequence[HourCount], *, events: int) -> str:
    """What the columns span, and how many of all the events lie before; empty without columns."""
    if not hours:
        return ""
    since, until = hours[0].hour, hours[-1].hour + dt.timedelta(minutes=59)
    older = max(0, events - sum(each.events for each in hours))
    span = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
    before = f" {older:,} of the {events:,} events are older." if older else ""
    return f"{len(hours)} hours, up to the newest event's: {span}.{before}"


def _column(hour: HourCount) -> Column:
    at, label = hour.hour, ""
    if at.hour % LABEL_EVERY == 0:
        label = f"{at:%H:%M}" if at.hour else f"{at.day} {at:%b}"
    return Column(label, f"{at:%Y-%m-%d %H:%M}", [hour.kinds[kind] for kind in EventKind.values])
