"""The order of a search and its place in it: paging by key, whatever the order is."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.exceptions import BadInputError

from .operators import Arguments


@dataclass(frozen=True)
class SortKey:
    """One expression to sort by.

    Attributes:
        type: its type in PostgreSQL, to compare it with the place where a page ended.
        is_nullable: where it is NULL, the key before it tells, so that NULLs come last both ways.
        is_null_low: NULLs stand below every value, as in the index that may be walked in this order.
    """

    expression: str
    type: str
    is_descending: bool = False
    is_nullable: bool = False
    is_null_low: bool = False

    @property
    def ordered(self) -> str:
        """As ``ORDER BY`` has it."""
        nulls = (" NULLS FIRST", " NULLS LAST")[self.is_descending] if self.is_null_low else ""
        return f"{self.expression}{' DESC' if self.is_descending else ''}{nulls}"

    @property
    def reversed(self) -> "SortKey":
        """The key of the opposite order."""
        return replace(self, is_descending=not self.is_descending)


def nulls_last(expression: str, kind: str, *, is_descending: bool) -> list[SortKey]:
    """Keys that put NULL last in both directions."""
    is_missing = SortKey(f"({expression} IS NULL)", "bool")
    return [is_missing, SortKey(expression, kind, is_descending, is_nullable=True)]


def after_sql(keys: Sequence[SortKey], place: Sequence[str | None] | None, arguments: Arguments) -> str:
    """That a row comes after a place; ``true`` where there is none.

    Args:
        place: the value of each key in the last row of the page before, as PostgreSQL writes it.

    Raises:
        BadInputError: the place is not one of this order.
    """
    if place is None:
        return "true"
    if len(place) != len(keys):
        raise BadInputError("Invalid page token: it belongs to another order.")
    told = [(key, _value(key, at, arguments)) for key, at in zip(keys, place, strict=True)]
    after, same = [], ""
    for key, value in told:
        if value is None:
            same += f" AND {key.expression} IS NULL"
            continue
        after.append(f"({key.expression} {'<' if key.is_descending else '>'} {value}{same})")
        same += f" AND {key.expression} = {value}"
    first, value = told[0]
    # says the same again for the first key alone, so that an index can start there
    start = f"{first.expression} {'<=' if first.is_descending else '>='} {value}"
    return f"{start} AND ({' OR '.join(after)})"


def _value(key: SortKey, at: str | None, arguments: Arguments) -> str | None:
    if at is None and not key.is_nullable:
        raise BadInputError("Invalid page token: it belongs to another order.")
    return None if at is None else f"{arguments.add(at)}::{key.type}"
