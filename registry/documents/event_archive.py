"""Old events read out whole, deleted by id, and put back; in buckets or not is nobody's business here."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import bson

from .connection import Body, collection
from .event_buckets import NAME, insert_events, known_events
from .event_store import FLAT, flat
from .extended_json import as_json
from .store import patiently

CODEC = bson.CodecOptions(tz_aware=True)  # type: ignore[var-annotated]
BATCH = 5_000
MOST_BYTES = 16 * 1024 * 1024
LONG_SECONDS = 600


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event: what to look at, and its document in BSON."""

    event_id: str
    kind: str
    subject: str
    at: dt.datetime
    longitude: float | None
    latitude: float | None
    data: str
    document: bytes


def count_events(before: dt.datetime) -> int:
    """How many events happened before then."""
    old = {"$filter": {"input": "$events.at", "cond": {"$lt": ["$$this", before]}}}
    steps: list[Body] = [
        {"$match": {"at": {"$lt": before}, "count": {"$exists": True}}},  # those of before have no events
        {"$group": {"_id": None, "count": {"$sum": {"$size": old}}}},
    ]
    with patiently(LONG_SECONDS):
        return sum(each["count"] for each in collection(NAME).aggregate(steps))


def events_before(before: dt.datetime, *, limit: int) -> Iterator[list[StoredEvent]]:
    """The oldest events from before then, in batches of at most 5,000 or about 16 MB (one read, streamed)."""
    steps: list[Body] = [
        {"$match": {"at": {"$lt": before}}},
        {"$unwind": "$events"},
        {"$match": {"events.at": {"$lt": before}}},
        {"$sort": {"events.at": 1, "events.id": 1}},
        {"$limit": limit},
        FLAT,
    ]
    with patiently(LONG_SECONDS):
        found = collection(NAME).aggregate(steps, allowDiskUse=True, batchSize=BATCH)
        batch: list[StoredEvent] = []
        weight = 0
        for document in found:
            batch.append(_stored(flat(document)))
            weight += len(batch[-1].document)
            if len(batch) == BATCH or weight >= MOST_BYTES:
                yield batch
                batch, weight = [], 0
        if batch:
            yield batch


def delete_events(ids: Sequence[str]) -> int:
    """Delete these, and buckets that are empty then; returns how many were still there."""
    gone = [uuid.UUID(each) for each in ids]
    touched = {"events.id": {"$in": gone}}
    kept = {"$filter": {"input": "$events", "cond": {"$not": [{"$in": ["$$this.id", gone]}]}}}
    bounds = {
        "at": {"$min": "$events.at"},
        "until": {"$max": "$events.at"},
        "count": {"$size": "$events"},
    }
    with patiently(LONG_SECONDS):
        there = len(known_events(ids))
        collection(NAME).delete_many(touched | {"$expr": {"$setIsSubset": ["$events.id", gone]}})
        collection(NAME).update_many(touched, [{"$set": {"events": kept}}, {"$set": bounds}])
        return there


def put_back(documents: Sequence[bytes], *, expires_at: dt.datetime) -> int:
    """Insert those that are not there, to expire then; returns how many were new."""
    with patiently(LONG_SECONDS):
        return insert_events([decoded(each) | {"expires_at": expires_at} for each in documents])


def count_present(ids: Sequence[str]) -> int:
    """How many of these are there."""
    with patiently(LONG_SECONDS):
        return len(known_events(ids))


def decoded(document: bytes) -> Body:
    """A document as the store has it."""
    found: Body = bson.decode(document, CODEC)
    return found


def _stored(document: Body) -> StoredEvent:
    place = document.get("location") or {}
    longitude, latitude = place.get("coordinates") or (None, None)
    return StoredEvent(
        event_id=document["_id"],
        kind=document["kind"],
        subject=document.get("subject", ""),
        at=document["at"],
        longitude=longitude,
        latitude=latitude,
        data=as_json(document.get("data", {})),
        document=bson.encode(document, codec_options=CODEC),
    )
