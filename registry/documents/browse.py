"""Browsing any collection for the admin: bounded counts, bounded pages, no document loaded unasked."""

from collections.abc import Sequence
from typing import Any

from pymongo import DESCENDING

from .conditions import Condition, to_filter
from .connection import Body, collection
from .store import told_plainly

COUNT_UP_TO = 10_001
BROWSED = {
    "model_configs": "created_at",
    "experiments": "created_at",
    "runs": "started_at",
    "events": "at",
}


def count(name: str, conditions: Sequence[Condition]) -> int:
    """How many documents meet the conditions, 10,001 for more than 10,000."""
    with told_plainly():
        return int(collection(name).count_documents(_living(conditions), limit=COUNT_UP_TO))


def page(
    name: str, conditions: Sequence[Condition], *, fields: Sequence[str], skip: int, limit: int
) -> list[Body]:
    """Documents newest first, with these fields only."""
    with told_plainly():
        found = collection(name).find(_living(conditions), dict.fromkeys(fields, 1))
        return list(found.sort(BROWSED[name], DESCENDING).skip(skip).limit(limit))


def one(name: str, document_id: str) -> Body | None:
    """One document."""
    with told_plainly():
        found: dict[str, Any] | None = collection(name).find_one({"_id": document_id})
    return found


def _living(conditions: Sequence[Condition]) -> Body:
    """Without the tombstones of what was purged."""
    return to_filter(conditions) | {"purged_at": {"$exists": False}}
