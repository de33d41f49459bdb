"""Deleting the tombstones of purged documents."""

from collections.abc import Sequence

from .connection import collection
from .store import told_plainly


def delete_tombstones(name: str, document_ids: Sequence[str]) -> int:
    """Delete these documents where they are tombstones; returns how many."""
    with told_plainly():
        condition = {"_id": {"$in": list(document_ids)}, "purged_at": {"$exists": True}}
        return int(collection(name).delete_many(condition).deleted_count)
