"""Single values of MLflow's stores, checked as they are read."""

import contextlib
import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from registry.enums import LoggedModelStatus, RunStatus
from registry.exceptions import BadInputError

Row = Mapping[str, Any]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
HALF = re.compile("[\ud800-\udfff]")
INT64 = 2**63
LONGEST_NUMBER = 20
RUN_STATUSES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
MODEL_STATUSES = {1: "PENDING", 2: "READY", 3: "FAILED"}
DELETED = "deleted"


class UnreadableError(BadInputError):
    """A record can't be made of what is there; the rest of the source may be read.

    Args:
        cause: what is wrong, in a sentence.
        cure: what to do about it, in a sentence.
    """

    def __init__(self, cause: str, cure: str) -> None:
        super().__init__(f"{cause} {cure}")
        self.cause, self.cure = cause, cure


def text(row: Row, name: str) -> str:
    """A text; empty for none. Numbers, as old stores have them, are written out.

    Raises:
        UnreadableError: it is something else, or no UTF-8.
    """
    return checked_text(row.get(name), where=name)


def checked_text(value: Any, *, where: str) -> str:
    """The same of a value that is at hand."""
    if value is None:
        return ""
    if isinstance(value, (dict, list, bytes, memoryview)):
        raise UnreadableError(f"{where} is no text.", "Correct it in MLflow.")
    found = value if isinstance(value, str) else str(value)
    if HALF.search(found):
        raise UnreadableError(
            f"{where} is no UTF-8 text.", "Convert it to UTF-8; MLflow reads and writes nothing else."
        )
    return found


def integer(row: Row, name: str, default: int | None = None) -> int | None:
    """A whole number of 64 bits.

    Raises:
        UnreadableError: it is something else.
    """
    value = row.get(name)
    return default if value is None or value == "" else whole(value, where=name)


def whole(value: Any, *, where: str) -> int:
    """The same of a value that is there, or of its text."""
    found = value
    if isinstance(value, str) and len(value) <= LONGEST_NUMBER:
        with contextlib.suppress(ValueError):
            found = int(value)
    elif isinstance(value, float) and value.is_integer():
        found = int(value)
    if isinstance(found, bool) or not isinstance(found, int) or not -INT64 <= found < INT64:
        raise UnreadableError(
            f"{where} is {str(value)[:40]!r} instead of a whole number of 64 bits.",
            "Correct it, or leave it out.",
        )
    return found


def number(value: Any, *, where: str) -> float:
    """A number, NaN and infinities included, or its text.

    Raises:
        UnreadableError: it is something else.
    """
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise UnreadableError(
            f"{where} is {str(value)[:40]!r} instead of a number.", "Correct it, or leave it out."
        ) from error


def moment(row: Row, name: str) -> dt.datetime | None:
    """A moment, given in milliseconds since 1970; None for none.

    Raises:
        UnreadableError: no calendar has it.
    """
    milliseconds = integer(row, name)
    if milliseconds is None:
        return None
    try:
        return EPOCH + dt.timedelta(milliseconds=milliseconds)
    except OverflowError as error:
        raise UnreadableError(
            f"{name} is {milliseconds}, which no calendar has.", "Give it in milliseconds since 1970."
        ) from error


def run_status(row: Row) -> str:
    """A run's status, kept as a word or as a number; MLflow takes RUNNING where there is none.

    Raises:
        UnreadableError: there is no such status.
    """
    return _named(row, RUN_STATUSES, RunStatus.values, RunStatus.RUNNING)


def model_status(row: Row) -> str:
    """A logged model's status, likewise; PENDING where there is none."""
    return _named(row, MODEL_STATUSES, LoggedModelStatus.values, LoggedModelStatus.PENDING)


def is_deleted(row: Row) -> bool:
    """Whether it is in MLflow's bin."""
    return row.get("lifecycle_stage") == DELETED


def _named(row: Row, numbers: Mapping[int, str], words: list[str], usual: str) -> str:
    value = row.get("status")
    if value is None or value == "":
        return usual
    found = numbers.get(value) if isinstance(value, int) else str(value)
    if found not in words:
        raise UnreadableError(
            f"The status is {str(value)[:40]!r}.", f"There are {', '.join(words)}; choose one of them."
        )
    return found
