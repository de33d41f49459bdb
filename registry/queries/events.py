"""Reading events by time and place."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from registry.documents import event_store, plain

MAX_RESULTS = 10_000


@dataclass(frozen=True)
class EventView:
    """An event as it came; ``metres`` is the distance where one was asked for."""

    event_id: str
    kind: str
    subject: str
    at: dt.datetime
    location: tuple[float, float] | None
    data: dict[str, Any]
    metres: float | None = None


def events_between(
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    kind: str = "",
    limit: int = 100,
) -> list[EventView]:
    """Events in a window of time, newest first (one read)."""
    found = event_store.find_events(event_store.Window(kind, since, until), limit=_limit(limit))
    return [_view(document) for document in found]


def events_near(
    *,
    longitude: float,
    latitude: float,
    within_metres: float,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    kind: str = "",
    limit: int = 100,
) -> list[EventView]:
    """Events around a point, the nearest first (one read).

    Raises:
        BadInputError: the point is not on Earth.
    """
    found = event_store.find_events_near(
        longitude=longitude,
        latitude=latitude,
        within_metres=within_metres,
        window=event_store.Window(kind, since, until),
        limit=_limit(limit),
    )
    return [_view(document) for document in found]


def events_of(subject: str, *, limit: int = 100) -> list[EventView]:
    """What a subject (a customer) did, newest first (one read)."""
    return [_view(document) for document in event_store.events_of_subject(subject, limit=_limit(limit))]


def _limit(limit: int) -> int:
    return max(1, min(limit, MAX_RESULTS))


def _view(document: dict[str, Any]) -> EventView:
    place = document.get("location")
    return EventView(
        event_id=document["_id"],
        kind=document["kind"],
        subject=document.get("subject", ""),
        at=document["at"],
        location=(place["coordinates"][0], place["coordinates"][1]) if place else None,
        data=plain.decode(document.get("data", {})),
        metres=document.get("metres"),
    )
