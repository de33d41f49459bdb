"""Documents as the admin shows them: lists of a few fields, one as a tree."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from registry.documents import browse, plain
from registry.documents.conditions import Condition
from registry.exceptions import NotFoundError

PAGE = 50
MOST_CHILDREN = 200
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
PLACE = re.compile(r"(\d{1,13})\.(\d{1,5})", re.ASCII)


@dataclass(frozen=True)
class DocumentRow:
    """One line of a list: its id and a few fields."""

    document_id: str
    cells: list[Any]


@dataclass(frozen=True)
class Node:
    """A node of a document's tree; ``hidden`` children are beyond the 200 that are shown."""

    key: str
    kind: str
    text: str
    children: "list[Node]"
    hidden: int = 0


@dataclass(frozen=True)
class DocumentPage:
    """A page of a list; ``older`` is the place of the next one, empty where there is none."""

    rows: list[DocumentRow]
    older: str


def document_page(
    name: str, *, fields: Sequence[str], conditions: Sequence[Condition], older: str = ""
) -> DocumentPage:
    """Fifty documents, newest first (one read; nothing is counted).

    Args:
        older: a place that a page before gave; anything else is the first page.

    Raises:
        BadInputError: a condition is not acceptable.
        StoreUnavailableError: MongoDB does not answer.
    """
    date, before = browse.BROWSED[name], _place(older)
    found = browse.page(name, conditions, fields=[*fields, date], before=before, limit=PAGE + 1)
    shown = found[:PAGE]
    rows = [DocumentRow(each["_id"], [_cell(each.get(field)) for field in fields]) for each in shown]
    return DocumentPage(rows, _next_place([each.get(date) for each in shown], before) if found[PAGE:] else "")


def _place(text: str) -> tuple[dt.datetime, int] | None:
    found = PLACE.fullmatch(text)
    if found is None:
        return None
    return EPOCH + dt.timedelta(milliseconds=int(found[1])), int(found[2])


def _next_place(dates: Sequence[Any], before: tuple[dt.datetime, int] | None) -> str:
    """The last date, and how many documents of it were shown."""
    last = dates[-1]
    if last is None:
        return ""
    shown = dates.count(last) + (before[1] if before and before[0] == last else 0)
    return f"{(last - EPOCH) // dt.timedelta(milliseconds=1)}.{shown}"


def document(name: str, document_id: str) -> dict[str, Any]:
    """One document as it came.

    Raises:
        NotFoundError: there is none.
        StoreUnavailableError: MongoDB does not answer.
    """
    found = browse.one(name, document_id)
    if found is None:
        raise NotFoundError(f"There is no document {document_id!r} in {name}.")
    decoded: dict[str, Any] = plain.decode(found)
    return decoded


def tree(value: Any, key: str = "") -> Node:
    """A document as nodes, at most 200 children each."""
    if not isinstance(value, (dict, list)):
        return Node(key, type(value).__name__, str(plain.as_json(value)), [])
    children = list(_children(value))
    kind = "object" if isinstance(value, dict) else "list"
    word = "key" if kind == "object" else "item"
    text = f"{len(value)} {word}{'' if len(value) == 1 else 's'}"
    return Node(key, kind, text, children, len(value) - len(children))


def _children(value: dict[str, Any] | list[Any]) -> Iterator[Node]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for position, (key, child) in enumerate(pairs):
        if position == MOST_CHILDREN:
            return
        yield tree(child, str(key))


def _cell(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    return plain.as_json(plain.decode(value)) if isinstance(value, (dict, list)) else value
