"""Recording events: what happened, when and where."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from registry.documents import event_buckets, event_store, plain
from registry.documents.event import KEPT_SECONDS, MOST_IN_A_BUCKET
from registry.exceptions import BadInputError
from registry.fields import HEX_ID, new_hex_id

from .names import checked_name, checked_text

MAX_BATCH = 10_000


@dataclass(frozen=True)
class EventInput:
    """One event; ``location`` is longitude and latitude in degrees."""

    kind: str
    subject: str = ""
    at: dt.datetime | None = None
    location: tuple[float, float] | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    event_id: str = ""
    country: str = ""


def record_events(*, events: Sequence[EventInput]) -> int:
    """Record events; one whose id is there already is left alone.

    MongoDB deletes an event 90 days after it was recorded.

    Returns:
        How many were new.

    Raises:
        BadInputError: an event can't be stored; none was.
        StoreUnavailableError: MongoDB does not answer.
    """
    if len(events) > MAX_BATCH:
        raise BadInputError(f"{len(events):,} events in one batch; send at most {MAX_BATCH:,}.")
    documents = expiring([event_document(event) for event in events])
    return event_buckets.insert_events(documents) if documents else 0


def record_buckets(*, buckets: Mapping[str, Sequence[EventInput]]) -> int:
    """Record events of one kind and country a bucket, by the bucket's id; safe to repeat.

    Returns:
        How many events were new.

    Raises:
        BadInputError: an event can't be stored, or a bucket has more than 500; nothing was.
        StoreUnavailableError: MongoDB does not answer; any of the buckets may be there.
    """
    if too_full := [name for name, events in buckets.items() if len(events) > MOST_IN_A_BUCKET]:
        raise BadInputError(f"The bucket {too_full[0]} has more than {MOST_IN_A_BUCKET} events.")
    return event_buckets.insert_buckets(
        {name: expiring([event_document(each) for each in events]) for name, events in buckets.items()}
    )


def expiring(documents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The documents, to expire 90 days from now: by receipt, since what happened may be long ago."""
    expires_at = timezone.now() + dt.timedelta(seconds=KEPT_SECONDS)
    return [document | {"expires_at": expires_at} for document in documents]


def event_size(event: EventInput) -> int:
    """How many bytes MongoDB keeps of an event.

    Raises:
        BadInputError: it can't be stored.
    """
    return len(plain.packed(event_document(event)))


def event_document(event: EventInput) -> dict[str, Any]:
    """An event as MongoDB keeps it.

    Raises:
        BadInputError: it can't be stored.
    """
    if event.event_id and not HEX_ID.fullmatch(event.event_id):
        raise BadInputError(f"An event's id is 32 hexadecimal characters, not {event.event_id!r}.")
    at = event.at or timezone.now()
    if timezone.is_naive(at):
        raise BadInputError(f"The event's time {at} has no time zone.")
    document: dict[str, Any] = {
        "_id": event.event_id or new_hex_id(),
        "kind": checked_name(event.kind, what="The event's kind"),
        "subject": checked_text(event.subject, what="The event's subject"),
        "at": at,
        "data": plain.encode(dict(event.data), where="data"),
    }
    if event.country:
        document["country"] = checked_text(event.country, what="The event's country", limit=2)
    if event.location is not None:
        document["location"] = {"type": "Point", "coordinates": event_store.checked_point(*event.location)}
    return document
