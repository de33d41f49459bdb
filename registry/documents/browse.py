"""Browsing any collection for the admin: nothing counted, bounded pages, no document loaded unasked."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pymongo import DESCENDING

from .conditions import Condition, to_filter
from .connection import Body, collection
from .store import told_plainly

BROWSED = {
    "model_configs": "created_at",
    "experiments": "created_at",
    "runs": "started_at",
    "customers": "joined_at",
    "events": "at",
}


def page(
    name: str,
    conditions: Sequence[Condition],
    *,
    fields: Sequence[str],
    limit: int,
    before: tuple[dt.datetime, int] | None = None,
) -> list[Body]:
    """Documents newest first, with these fields only.

    Args:
        before: from this moment on back, without so many of those of the moment itself: a place in the
            order of the index, which needs no second key to sort by.
    """
    condition, skip = _living(conditions), 0
    if before is not None:
        condition = {"$and": [condition, {BROWSED[name]: {"$lte": before[0]}}]}
        skip = before[1]
    with told_plainly():
        found = collection(name).find(condition, dict.fromkeys(fields, 1))
        return list(found.sort(BROWSED[name], DESCENDING).skip(skip).limit(limit))


def one(name: str, document_id: str) -> Body | None:
    """One document."""
    with told_plainly():
        found: dict[str, Any] | None = collection(name).find_one({"_id": document_id})
    return found


def _living(conditions: Sequence[Condition]) -> Body:
    """Without the tombstones of what was purged."""
    return to_filter(conditions) | {"purged_at": {"$exists": False}}
