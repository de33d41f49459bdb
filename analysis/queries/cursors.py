"""A place in a list, as a signed text for a link."""

from dataclasses import dataclass
from typing import Any

from django.core import signing

SALT = "analysis.place"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row that a page starts behind, or ends before.

    Attributes:
        values: The row's values of the sort expressions, the last of which breaks ties; as JSON has them.
        is_backwards: The page ends before the row.
    """

    values: tuple[Any, ...]
    is_backwards: bool = False


def dumped(cursor: Cursor, *, sort: str) -> str:
    """The cursor as a text that holds for this sort only; ``sort`` names the list as well."""
    return signing.dumps([cursor.values, cursor.is_backwards], salt=f"{SALT}:{sort}", compress=True)


def loaded(text: str, *, sort: str) -> Cursor | None:
    """The cursor behind the text; None where it was not signed here for this sort."""
    try:
        values, is_backwards = signing.loads(text, salt=f"{SALT}:{sort}")
    except signing.BadSignature:
        return None
    return Cursor(tuple(values), is_backwards)
