"""Writing ``events``: flat documents into buckets, each bucket and each event once."""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from pymongo import InsertOne
from pymongo.errors import BulkWriteError

from registry.exceptions import BadInputError, ConflictError
from registry.fields import new_hex_id

from .connection import Body, collection
from .event import MOST_IN_A_BUCKET
from .plain import packed
from .store import told_plainly

NAME = "events"
REFUSED, DUPLICATE = 121, 11000
TRIES = 5
MOST_BYTES = 4 * 1024 * 1024
Event = TypeVar("Event")
OF_THE_BUCKET = ("kind", "country", "expires_at")


def insert_events(documents: Sequence[Body]) -> int:
    """Insert those that are not there, in buckets of their kind and country; returns how many were new.

    Args:
        documents: ``_id`` (32 hexadecimal characters), ``kind``, ``at`` and what else an event may have.

    Raises:
        BadInputError: MongoDB's validator refused one; other buckets are stored.
        StoreUnavailableError: MongoDB does not answer; any of the buckets may be stored.
    """
    return insert_buckets({new_hex_id(): bucket for bucket in _in_buckets(documents)})


def insert_buckets(buckets: Mapping[str, Sequence[Body]]) -> int:
    """Insert buckets by their id, each whole or not at all; a bucket or event that is there is left alone.

    Args:
        buckets: events of one kind and country each, at most 500.

    Returns:
        How many events were new.

    Raises:
        BadInputError, StoreUnavailableError: as above.
        ConflictError: buckets are refused as known, and are not; the others are stored.
    """
    left, new = {bucket_id: list(events) for bucket_id, events in buckets.items() if events}, 0
    for _ in range(TRIES):
        if not left:
            break
        with told_plainly():
            clashed = _write(left)
            new += sum(len(events) for bucket_id, events in left.items() if bucket_id not in clashed)
            left = _still_new({bucket_id: left[bucket_id] for bucket_id in clashed})
    if left:
        raise ConflictError(f"{len(left)} buckets of events clash with what is there, again and again.")
    return new


def cut(events: Iterable[Event], *, size: Callable[[Event], int]) -> Iterator[list[Event]]:
    """Events in their order, cut into at most 500 and about 4 MB each; one that is larger lies alone.

    Args:
        size: of an event, in bytes.
    """
    inside: list[Event] = []
    weight = 0
    for event in events:
        bytes_of_it = size(event)
        if inside and (len(inside) == MOST_IN_A_BUCKET or weight + bytes_of_it > MOST_BYTES):
            yield inside
            inside, weight = [], 0
        inside.append(event)
        weight += bytes_of_it
    if inside:
        yield inside


def known_events(ids: Iterable[str]) -> set[str]:
    """Those of the ids that are there."""
    wanted = [uuid.UUID(each) for each in ids]
    steps: list[Body] = [
        {"$match": {"events.id": {"$in": wanted}}},
        {"$project": {"events.id": 1}},
        {"$unwind": "$events"},
        {"$match": {"events.id": {"$in": wanted}}},
    ]
    return {found["events"]["id"].hex for found in collection(NAME).aggregate(steps)}


def _in_buckets(documents: Iterable[Body]) -> Iterable[list[Body]]:
    by_kind: dict[tuple[object, ...], dict[str, Body]] = defaultdict(dict)
    for each in documents:
        by_kind[tuple(each.get(name) for name in OF_THE_BUCKET)].setdefault(each["_id"], each)
    for group in by_kind.values():
        yield from cut(list(group.values()), size=lambda each: len(packed(each)))


def _write(buckets: Mapping[str, Sequence[Body]]) -> list[str]:
    """Insert them; returns those of which the bucket or an event is there already."""
    ids = list(buckets)
    try:
        collection(NAME).bulk_write(
            [InsertOne(_bucket(bucket_id, buckets[bucket_id])) for bucket_id in ids], ordered=False
        )
    except BulkWriteError as error:
        failures = error.details["writeErrors"]
        if refused := [failure for failure in failures if failure["code"] == REFUSED]:
            raise BadInputError(
                f"MongoDB refused {len(refused)} buckets of events: {refused[0]['errmsg']}"
            ) from error
        if any(failure["code"] != DUPLICATE for failure in failures):
            raise
        return [ids[failure["index"]] for failure in failures]
    return []


def _bucket(bucket_id: str, events: Sequence[Body]) -> Body:
    times = sorted(each["at"] for each in events)
    shared = {name: events[0][name] for name in OF_THE_BUCKET if name in events[0]}
    inside = [
        {"id": uuid.UUID(each["_id"])}
        | {name: value for name, value in each.items() if name not in ("_id", *OF_THE_BUCKET)}
        for each in events
    ]
    times_of_all = {"at": times[0], "until": times[-1], "count": len(events)}
    return {"_id": bucket_id, **shared, **times_of_all, "events": inside}


def _still_new(buckets: Mapping[str, Sequence[Body]]) -> dict[str, list[Body]]:
    """The clashed buckets without what is there: a bucket of that id, or events in another."""
    there = {each["_id"] for each in collection(NAME).find({"_id": {"$in": list(buckets)}}, {"_id": 1})}
    absent = {bucket_id: events for bucket_id, events in buckets.items() if bucket_id not in there}
    known = known_events(each["_id"] for events in absent.values() for each in events)
    rest = {
        bucket_id: [each for each in events if each["_id"] not in known]
        for bucket_id, events in absent.items()
    }
    return {bucket_id: events for bucket_id, events in rest.items() if events}
