"""Rows of any collection of MongoDB, found and cut by any of their fields."""

from collections.abc import Sequence
from typing import Any

from registry.documents import plain
from registry.documents.search import ID, DocumentSearch, find_documents, index_of

Row = dict[str, Any]
INTERNAL = ("v", "ck", "b", "digest")
"""What guards a document and is nobody's content."""


def search_documents(search: DocumentSearch) -> list[Row]:
    """A row a document: each field that was asked for by its path, or the whole document (one read).

    Raises:
        BadInputError: a path, operator or value is not acceptable.
        StoreUnavailableError: MongoDB does not answer.
    """
    found = [_named(plain.decode(each)) for each in find_documents(search)]
    return [
        {path: value_at(each, path) for path in search.fields} if search.fields else each for each in found
    ]


def serving_index(search: DocumentSearch) -> str:
    """The index that serves a search; empty where the whole collection is read."""
    return index_of(search)


def value_at(value: Any, path: str) -> Any:
    """What stands at a path, None where nothing does; of a list without a position, that of each item."""
    return _value_at(value, path.split("."))


def _value_at(value: Any, parts: Sequence[str]) -> Any:
    if not parts:
        return value
    if isinstance(value, dict):
        return _value_at(value.get(parts[0]), parts[1:])
    if not isinstance(value, list):
        return None
    if parts[0].isdecimal():
        return _value_at(value[int(parts[0])], parts[1:]) if int(parts[0]) < len(value) else None
    return [_value_at(each, parts) for each in value if isinstance(each, (dict, list))]


def _named(document: Row) -> Row:
    rest = {key: value for key, value in document.items() if key != "_id" and key not in INTERNAL}
    return {ID: document["_id"], **rest}
