"""Versions and checksums of documents, for reconcile: read from the index ``reconciled`` alone.

A document of an older release has no ``b`` or ``ck``; its range is None.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bson import MaxKey
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING

from .connection import Body, collection
from .store import patiently, told_plainly

INDEX = "reconciled"
HEAD = {"_id": 1, "v": 1, "ck": 1, "b": 1}
SECONDS = 60.0
PAGE_BYTES = 4 * 1024 * 1024
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
Range = int | None

SUMS: list[Body] = [
    {"$project": {"_id": 0, "b": 1, "v": 1, "ck": 1}},
    {"$group": {"_id": "$b", "n": {"$sum": 1}, "v": {"$sum": "$v"}, "ck": {"$sum": "$ck"}}},
]


class StoredHead(NamedTuple):
    """What a document says of itself; -1 where it says nothing."""

    document_id: str
    version: int
    checksum: int
    range: Range


class RangeSum(NamedTuple):
    """A range's documents: how many, their versions and their checksums added up."""

    documents: int
    versions: int
    checksums: int


def range_sums(name: str) -> dict[Range, RangeSum]:
    """Every range of a collection (one aggregation over the index, no document is read).

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    with patiently(SECONDS):
        rows = collection(name).aggregate(SUMS, hint=INDEX)
        return {row["_id"]: RangeSum(row["n"], row["v"], row["ck"]) for row in rows}


def heads_in(name: str, ranges: Sequence[Range]) -> list[StoredHead]:
    """The documents in these ranges (one query)."""
    return _heads(name, {"b": {"$in": list(ranges)}}, hint=INDEX)


def heads_of(name: str, document_ids: Sequence[str]) -> list[StoredHead]:
    """The documents with these ids, from the primary (one query); those that are not there are left out."""
    return _heads(name, {"_id": {"$in": list(document_ids)}}, hint="_id_")


def raw_page(name: str, *, after: tuple[Range, str] | None) -> list[RawBSONDocument]:
    """The next documents in the order of range and id, as their bytes; about 4 MB of them."""
    page: list[RawBSONDocument] = []
    weight = 0
    with patiently(SECONDS):
        found = collection(name).with_options(codec_options=RAW)
        cursor = found.find({}, hint=INDEX).sort([("b", ASCENDING), ("_id", ASCENDING)])
        if after:  # from right behind it, by the index alone
            bound: Any = [("b", after[0]), ("_id", after[1]), ("v", MaxKey()), ("ck", MaxKey())]
            cursor = cursor.min(bound)
        with cursor:
            for document in cursor:
                page.append(document)
                weight += len(document.raw)
                if weight > PAGE_BYTES:
                    break
    return page


def raw_of(name: str, document_ids: Sequence[str]) -> list[RawBSONDocument]:
    """These documents as their bytes."""
    with patiently(SECONDS):
        found = collection(name).with_options(codec_options=RAW)
        return list(found.find({"_id": {"$in": list(document_ids)}}))


def delete_as_seen(name: str, head: StoredHead) -> bool:
    """Delete a document, unless it has changed since it was looked at; returns whether it did."""
    with told_plainly():
        seen = {"_id": head.document_id, **_as_seen(head)}
        return bool(collection(name).delete_one(seen).deleted_count)


def lower_as_seen(name: str, head: StoredHead) -> bool:
    """Take a document's version down to 0, so that any delivery replaces it, unless it has changed."""
    with told_plainly():
        seen = {"_id": head.document_id, **_as_seen(head)}
        return bool(collection(name).update_one(seen, {"$set": {"v": 0}}).modified_count)


def _as_seen(head: StoredHead) -> Body:
    return {
        "v": head.version if head.version >= 0 else None,
        "ck": head.checksum if head.checksum >= 0 else None,
    }


def _heads(name: str, condition: Body, *, hint: str) -> list[StoredHead]:
    with patiently(SECONDS):
        found = collection(name).find(condition, HEAD, hint=hint)
        return [
            StoredHead(row["_id"], _number(row.get("v")), _number(row.get("ck")), row.get("b"))
            for row in found
        ]


def _number(value: object) -> int:
    return int(value) if isinstance(value, int) else -1
