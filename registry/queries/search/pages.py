"""One page of a search: where it starts, where the next one does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.exceptions import BadInputError

Place = tuple[str | None, ...]


@dataclass(frozen=True)
class Page:
    """Rows in order, and the place of the last one where more follow."""

    rows: list[Any]
    next_after: Place | None


def page_of(rows: list[Sequence[Any]], *, size: int, keys: int) -> Page:
    """The page that rows make, of which one more was asked for than it holds.

    Args:
        keys: how many columns at the end of a row are its place.
    """
    if len(rows) <= size:
        return Page([row[:-keys] for row in rows], None)
    shown = rows[:size]
    return Page([row[:-keys] for row in shown], tuple(shown[-1][-keys:]))


def checked_size(size: int, *, most: int) -> int:
    """The size of a page.

    Raises:
        BadInputError: it is none, in MLflow's words.
    """
    what = f"Invalid value {size} for parameter 'max_results' supplied. It must be"
    if size < 1:
        raise BadInputError(f"{what} a positive integer")
    if size > most:
        raise BadInputError(f"{what} at most {most}")
    return size
