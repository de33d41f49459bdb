"""A place in a list, as a signed text for a link."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core import signing

SALT = "analysis.cursor"
DATE_MARK = "at"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row that a page starts behind, or ends before.

    Attributes:
        values: The row's values of the sort expressions.
        run_id: The row itself, which breaks ties.
        is_backwards: The page ends before the row.
    """

    values: tuple[Any, ...]
    run_id: str
    is_backwards: bool


def dumped(cursor: Cursor, *, sort: str) -> str:
    """The cursor as a text that holds for this sort only."""
    values = [_packed(value) for value in cursor.values]
    return signing.dumps([values, cursor.run_id, cursor.is_backwards], salt=f"{SALT}:{sort}")


def loaded(text: str, *, sort: str) -> Cursor | None:
    """The cursor behind the text; None where it was not signed here for this sort."""
    try:
        values, run_id, is_backwards = signing.loads(text, salt=f"{SALT}:{sort}")
    except signing.BadSignature:
        return None
    return Cursor(tuple(_unpacked(value) for value in values), run_id, is_backwards)


def _packed(value: Any) -> Any:
    return {DATE_MARK: value.isoformat()} if isinstance(value, dt.datetime) else value


def _unpacked(value: Any) -> Any:
    return dt.datetime.fromisoformat(value[DATE_MARK]) if isinstance(value, dict) else value
