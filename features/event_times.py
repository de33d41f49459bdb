"""Event times: as Redis counts them, and which are taken at all."""

import datetime as dt

from django.utils.dateparse import parse_datetime

from registry.exceptions import BadInputError

EARLIEST = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MILLISECOND = dt.timedelta(milliseconds=1)
AHEAD = dt.timedelta(days=1)  # clocks differ, and a time without its zone is taken for UTC


def parsed_time(text: str) -> dt.datetime | None:
    """A time in ISO 8601, as 2026-11-22T10:00:00Z; None where it is none."""
    try:
        return parse_datetime(text)
    except ValueError:
        return None


def checked_event_at(
    event_at: dt.datetime, *, whose: str, now: dt.datetime, what: str = "the event time"
) -> dt.datetime:
    """An event time that every store can keep and give back, in UTC, to the millisecond.

    Nothing replaces an event but a newer one: one far ahead would be served for good.

    Args:
        whose: named where it is refused.
        what: the time's name there.

    Raises:
        BadInputError: it has no time zone, is before 1970 or more than a day ahead.
    """
    if event_at.tzinfo is None:
        raise BadInputError(f"{whose}: {what} has no time zone.")
    if not EARLIEST <= event_at <= now + AHEAD:
        raise BadInputError(f"{whose}: {what} {event_at} is not between 1970 and tomorrow.")
    at = event_at.astimezone(dt.UTC)
    return at.replace(microsecond=at.microsecond // 1_000 * 1_000)


def milliseconds(at: dt.datetime) -> int:
    """A time in milliseconds since 1970 UTC, as Redis keeps it."""
    return (at - EARLIEST) // MILLISECOND
