"""What a cell of somebody else's table means: times, statuses, numbers."""

import datetime as dt
import math

from registry.enums import RunStatus
from registry.exceptions import BadInputError

STATUSES = {
    RunStatus.FINISHED: (
        "finished",
        "success",
        "successful",
        "succeeded",
        "complete",
        "completed",
        "done",
        "ok",
    ),
    RunStatus.FAILED: ("failed", "failure", "error", "crashed"),
    RunStatus.KILLED: ("killed", "cancelled", "canceled", "aborted", "stopped"),
    RunStatus.RUNNING: ("running", "active", "in progress"),
    RunStatus.SCHEDULED: ("scheduled", "queued", "pending", "waiting"),
}
BY_WORD = {word: status for status, words in STATUSES.items() for word in words}
TIMES = ("auto", "iso", "unix_seconds", "unix_milliseconds")
MILLISECONDS_FROM = 1e11  # as seconds, the year 5138
DATES = (4, 6, 8, 14)  # how many digits a year, a month, a day and a second have, written without dashes
LATEST = 253_402_300_799  # the year 9999


def status_in(word: str) -> str:
    """A status from a word for it, whatever its case.

    Raises:
        BadInputError: the word is not known.
    """
    found = BY_WORD.get(word.strip().lower().replace("_", " "))
    if found is None:
        raise BadInputError(f"{word[:50]!r} is no status that is known, such as finished, failed or running.")
    return found.value


def time_in(value: str | float, form: str = "auto") -> dt.datetime:
    """A time; one without a zone is UTC.

    Args:
        form: ``iso``, ``unix_seconds``, ``unix_milliseconds``, ``auto`` for whichever it looks like, or a
            format of ``strptime``, such as ``%d.%m.%Y %H:%M``.

    Raises:
        BadInputError: it is none in that form, or may as well be a date (``20240131``).
    """
    written = str(value).strip()
    if form == "auto" and written.isdecimal() and len(written) in DATES:
        raise BadInputError(
            f"{written!r} may be a date or a number of seconds: say in a mapping's times which,"
            " such as %Y%m%d or unix_seconds."
        )
    try:
        return _time(value, form)
    except (ValueError, OverflowError, OSError) as error:
        raise BadInputError(f"{str(value)[:50]!r} is no time in the form {form!r}.") from error


def float_in(text: str) -> float:
    """A number with a decimal point; ``nan``, ``inf`` and ``-inf`` are numbers.

    Raises:
        BadInputError: it is none.
    """
    try:
        return float(text)
    except ValueError as error:
        hint = " Write a decimal point, and nothing between thousands." if "," in text else ""
        raise BadInputError(f"{text[:50]!r} is no number.{hint}") from error


def milliseconds(at: dt.datetime) -> int:
    """Since 1970."""
    return (at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(milliseconds=1)


def _time(value: str | float, form: str) -> dt.datetime:
    if form in ("auto", "unix_seconds", "unix_milliseconds") and (number := _number(value)) is not None:
        is_milliseconds = abs(number) >= MILLISECONDS_FROM if form == "auto" else form == "unix_milliseconds"
        return _of_seconds(number, is_milliseconds=is_milliseconds)
    text = str(value).strip()
    if form in ("auto", "iso"):
        found = dt.datetime.fromisoformat(text)
    elif form in TIMES:
        raise ValueError(text)
    else:
        found = dt.datetime.strptime(text, form)  # noqa: DTZ007 (the zone follows)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def _of_seconds(number: float, *, is_milliseconds: bool) -> dt.datetime:
    if not math.isfinite(number):
        raise ValueError(number)
    micros = round(number * (1_000 if is_milliseconds else 1_000_000))
    if not 0 <= micros <= LATEST * 1_000_000:
        raise ValueError(number)
    return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=micros)


def _number(value: str | float) -> float | None:
    if isinstance(value, (int, float)):
        return value
    try:
        return float(value)
    except ValueError:
        return None
