"""Reading ``events``: by time and by place."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from pymongo import DESCENDING

from registry.exceptions import BadInputError

from .connection import Body, collection
from .event_buckets import NAME
from .store import told_plainly

MAX_LONGITUDE, MAX_LATITUDE = 180, 90
EARTH_METRES = 6_378_100  # MongoDB's own
FLAT = {
    "$replaceRoot": {
        "newRoot": {
            "$mergeObjects": [
                {"_id": "$events.id", "kind": "$kind", "country": "$country", "expires_at": "$expires_at"},
                "$events",
                {"metres": "$metres"},
            ]
        }
    }
}


@dataclass(frozen=True)
class Window:
    """Events of a kind (empty: of all) from ``since`` on and before ``until``."""

    kind: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None

    @property
    def of_buckets(self) -> Body:
        """The condition on buckets that may hold some."""
        condition: Body = {"kind": self.kind} if self.kind else {}
        if self.since is not None:
            condition["until"] = {"$gte": self.since}
        if self.until is not None:
            condition["at"] = {"$lt": self.until}
        return condition

    @property
    def of_events(self) -> Body:
        """The condition on each event in them."""
        bounds = {"$gte": self.since, "$lt": self.until}
        times = {name: value for name, value in bounds.items() if value is not None}
        return {"events.at": times} if times else {}


def find_events(window: Window, *, limit: int) -> list[Body]:
    """Events in a window, newest first."""
    newest: list[Body] = []
    if window.until is None:  # so many of the newest buckets hold the newest events
        newest = [{"$sort": {"until": DESCENDING}}, {"$limit": limit}]
    order = {"$sort": {"events.at": DESCENDING, "events.id": 1}}
    steps: list[Body] = [
        {"$match": window.of_buckets}, *newest, {"$unwind": "$events"}, {"$match": window.of_events}, order,
        {"$limit": limit},
    ]  # fmt: skip
    return _events(steps)


def find_events_near(
    *, longitude: float, latitude: float, within_metres: float, window: Window, limit: int
) -> list[Body]:
    """Events by distance from a point, each with ``metres``."""
    point = checked_point(longitude, latitude)
    nearest = {
        "near": {"type": "Point", "coordinates": point},
        "distanceField": "nearest",
        "maxDistance": within_metres,
        "query": window.of_buckets,
        "spherical": True,
        "key": "events.location",
    }
    steps: list[Body] = [
        {"$geoNear": nearest}, {"$unwind": "$events"},
        {"$match": window.of_events | {"events.location": {"$exists": True}}},
        {"$set": {"metres": _metres(*point)}}, {"$match": {"metres": {"$lte": within_metres}}},
        {"$sort": {"metres": 1, "events.at": DESCENDING}}, {"$limit": limit},
    ]  # fmt: skip
    return _events(steps)


def events_of_subject(subject: str, *, limit: int) -> list[Body]:
    """What a subject did, newest first."""
    steps: list[Body] = [
        {"$match": {"events.subject": subject}}, {"$sort": {"until": DESCENDING}}, {"$limit": limit},
        {"$unwind": "$events"}, {"$match": {"events.subject": subject}}, {"$sort": {"events.at": DESCENDING}},
        {"$limit": limit},
    ]  # fmt: skip
    return _events(steps)


def flat(found: Body) -> Body:
    """An event taken out of its bucket, as it was handed over."""
    event = {name: value for name, value in found.items() if name != "id"}
    return event | {"_id": found["_id"].hex}


def checked_point(longitude: float, latitude: float) -> list[float]:
    """A point as MongoDB keeps it: longitude, latitude.

    Raises:
        BadInputError: it is not on Earth.
    """
    if not (abs(longitude) <= MAX_LONGITUDE and abs(latitude) <= MAX_LATITUDE):
        raise BadInputError(f"({longitude}, {latitude}) is no longitude and latitude in degrees.")
    return [float(longitude), float(latitude)]


def _events(steps: list[Body]) -> list[Body]:
    with told_plainly():
        return [flat(each) for each in collection(NAME).aggregate([*steps, FLAT])]


def _metres(longitude: float, latitude: float) -> Any:
    """The way to an event along the sphere (haversine), as an expression."""
    there = [
        {"$degreesToRadians": {"$arrayElemAt": ["$events.location.coordinates", axis]}} for axis in (0, 1)
    ]
    here = [{"$degreesToRadians": degrees} for degrees in (longitude, latitude)]
    across, along = (
        {"$sin": {"$divide": [{"$subtract": pair}, 2]}} for pair in zip(there, here, strict=True)
    )
    circles = {"$multiply": [{"$cos": here[1]}, {"$cos": there[1]}, across, across]}
    chord = {"$add": [{"$multiply": [along, along]}, circles]}
    return {"$multiply": [2 * EARTH_METRES, {"$asin": {"$min": [1, {"$sqrt": chord}]}}]}
