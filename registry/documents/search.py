"""Searching one collection by any of its fields, and saying which index serves the search."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, DESCENDING

from registry.exceptions import BadInputError

from .browse import BROWSED
from .conditions import Condition, stored_path, to_filter
from .connection import Body, collection, database
from .plain import check_text
from .store import patiently, told_plainly

SEARCH_SECONDS = 30.0
WITH_TAG_PAIRS = {"experiments", "runs"}
WITH_BIN = {"experiments", "runs"}
ORDERS = {"": ASCENDING, "asc": ASCENDING, "desc": DESCENDING}
ID = "id"
"""The name under which people know ``_id``; no collection has another field of this name."""


@dataclass(frozen=True)
class DocumentSearch:
    """What is asked of a collection.

    Attributes:
        tags: each ``(key, value)``; the value None for any.
        since, until: on the collection's date, from the first and before the second.
        fields: paths to read, none for whole documents.
        sort: a path, and ``desc`` after it for the largest first; empty for newest first.
        with_deleted: also what is in the bin.
    """

    collection: str
    conditions: Sequence[Condition] = ()
    tags: Sequence[tuple[str, str | None]] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    fields: Sequence[str] = ()
    sort: str = ""
    limit: int = 100
    with_deleted: bool = False


def find_documents(search: DocumentSearch) -> list[Body]:
    """Documents as they are stored.

    Raises:
        BadInputError: a path, operator or value is not acceptable.
        StoreUnavailableError: MongoDB does not answer, or not within 30 seconds.
    """
    asked = _asked(search)
    with patiently(SEARCH_SECONDS), told_plainly():
        found = collection(search.collection).find(asked["filter"], asked["projection"] or None)
        return list(found.sort(list(asked["sort"].items())).limit(search.limit))


def index_of(search: DocumentSearch) -> str:
    """The index that serves a search, several with a comma between them; empty for a collection scan.

    Raises:
        BadInputError: a path, operator or value is not acceptable.
        StoreUnavailableError: MongoDB does not answer.
    """
    find = {"find": search.collection, "limit": search.limit, **_asked(search)}
    with told_plainly():
        told = database().command("explain", find, verbosity="queryPlanner")
    return ", ".join(sorted(set(indexes_in(told))))


def search_filter(search: DocumentSearch) -> Body:
    """All that a search asks for as one MongoDB filter.

    Raises:
        BadInputError: a path, operator or value is not acceptable.
    """
    clauses = [to_filter([_by_id(each) for each in search.conditions])] if search.conditions else []
    clauses += [_tagged(search.collection, key, value) for key, value in search.tags]
    times = {"$gte": search.since, "$lt": search.until}
    if bounds := {name: value for name, value in times.items() if value is not None}:
        clauses.append({BROWSED[search.collection]: bounds})
    if search.collection in WITH_BIN and not search.with_deleted:
        clauses.append({"deleted": {"$ne": True}})
    clauses.append({"purged_at": {"$exists": False}})
    return {"$and": clauses}


def indexes_in(plan: Any) -> Iterator[str]:
    """The names of the indexes in the plan that was chosen, of a find or an aggregation."""
    if isinstance(plan, Mapping):
        if plan.get("stage") == "IDHACK":
            yield "_id_"
        if "indexName" in plan:
            yield plan["indexName"]
        for key, part in plan.items():
            if key != "rejectedPlans":
                yield from indexes_in(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from indexes_in(part)


def _asked(search: DocumentSearch) -> Body:
    return {
        "filter": search_filter(search),
        "projection": _projection(search.fields),
        "sort": _sort(search),
    }


def _by_id(condition: Condition) -> Condition:
    return condition._replace(path="_id") if condition.path == ID else condition


def _tagged(name: str, key: str, value: str | None) -> Body:
    texts = [check_text(each, where="The tag") for each in (key, value) if each is not None]
    if name not in WITH_TAG_PAIRS:
        return {"tags": "=".join(texts)}
    return {"tags": {"$elemMatch": dict(zip("kv", texts, strict=False))}}


def _sort(search: DocumentSearch) -> dict[str, int]:
    if not search.sort:
        return {BROWSED[search.collection]: DESCENDING}
    path, _, order = search.sort.strip().partition(" ")
    if order.strip().lower() not in ORDERS:
        raise BadInputError(f"{order.strip()[:50]!r} is no order. Write the field, then asc or desc.")
    return {_place(path): ORDERS[order.strip().lower()]}


def _projection(fields: Sequence[str]) -> dict[str, int]:
    """The paths up to a list's position, which a projection does not know, and none below another."""
    heads = {_head(_place(each)) for each in fields}
    return {each: 1 for each in sorted(heads) if not any(each.startswith(f"{other}.") for other in heads)}


def _place(path: str) -> str:
    return "_id" if path == ID else stored_path(path)


def _head(path: str) -> str:
    parts = path.split(".")
    end = next((place for place, part in enumerate(parts) if part.isdecimal()), len(parts))
    if end == 0:
        raise BadInputError(f"{path[:100]!r} is no path: a document has no position. Name a field first.")
    return ".".join(parts[:end])
