"""Deleting the tombstones of purged documents."""

from collections.abc import Mapping

from .connection import collection
from .store import told_plainly


def delete_tombstones(name: str, versions: Mapping[str, int]) -> int:
    """Delete these documents where they are tombstones of these versions; returns how many."""
    if not versions:
        return 0
    buried = [{"_id": document_id, "v": version} for document_id, version in versions.items()]
    with told_plainly():
        condition = {"$or": buried, "purged_at": {"$exists": True}}
        return int(collection(name).delete_many(condition).deleted_count)
