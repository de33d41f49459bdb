"""Recording events: what happened, when and where."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from registry.documents import event_store, plain
from registry.documents.event import KEPT_SECONDS
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


def record_events(*, events: Sequence[EventInput]) -> int:
    """Record events in one round trip; one whose id is there already is left alone.

    MongoDB deletes an event 90 days after it happened.

    Returns:
        How many were new.

    Raises:
        BadInputError: an event can't be stored; none was.
        StoreUnavailableError: MongoDB does not answer.
    """
    if len(events) > MAX_BATCH:
        raise BadInputError(f"{len(events):,} events in one batch; send at most {MAX_BATCH:,}.")
    documents = [_document(event) for event in events]
    return event_store.insert_events(documents) if documents else 0


def _document(event: EventInput) -> dict[str, Any]:
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
        "expires_at": at + dt.timedelta(seconds=KEPT_SECONDS),
        "data": plain.encode(dict(event.data), where="data"),
    }
    if event.location is not None:
        document["location"] = {"type": "Point", "coordinates": event_store.checked_point(*event.location)}
    return document
