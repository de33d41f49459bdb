"""Documents as the admin shows them: lists of a few fields, one as a tree."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from registry.documents import browse, plain
from registry.documents.conditions import Condition
from registry.exceptions import NotFoundError

PAGE = 50
MOST_CHILDREN = 200
COUNT_UP_TO = browse.COUNT_UP_TO


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


class DocumentPage(Sequence[DocumentRow]):
    """A collection as Django's paginator takes it: sliced by MongoDB, counted up to 10,001.

    Django's own paginator would ask ``len()`` of a whole result and load every document.
    """

    def __init__(self, name: str, fields: Sequence[str], conditions: Sequence[Condition]) -> None:
        self.name, self.fields, self.conditions = name, fields, conditions

    @cached_property
    def _count(self) -> int:
        return browse.count(self.name, self.conditions)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: Any) -> Any:
        rows = browse.page(
            self.name, self.conditions, fields=self.fields, skip=place.start, limit=place.stop - place.start
        )
        return [DocumentRow(row["_id"], [_cell(row.get(field)) for field in self.fields]) for row in rows]


def document_paginator(
    name: str, *, fields: Sequence[str], conditions: Sequence[Condition]
) -> "Paginator[DocumentRow]":
    """Pages of a collection, newest first.

    Raises:
        BadInputError: a condition is not acceptable (when a page is asked for).
        StoreUnavailableError: MongoDB does not answer (when a page is asked for).
    """
    return Paginator(DocumentPage(name, fields, conditions), PAGE)


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
