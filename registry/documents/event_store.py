"""Writing and reading ``events``."""

import datetime as dt
from collections.abc import Sequence

from pymongo import DESCENDING, UpdateOne
from pymongo.errors import BulkWriteError

from registry.exceptions import BadInputError

from .connection import Body, collection
from .store import told_plainly

NAME = "events"
MAX_LONGITUDE, MAX_LATITUDE = 180, 90
REFUSED = 121


def insert_events(documents: Sequence[Body]) -> int:
    """Insert those that are not there, in one round trip; returns how many were new.

    Raises:
        BadInputError: MongoDB's validator refused one; the others are stored.
    """
    operations = [
        UpdateOne({"_id": each["_id"]}, {"$setOnInsert": _rest(each)}, upsert=True) for each in documents
    ]
    with told_plainly():
        try:
            return int(collection(NAME).bulk_write(operations, ordered=False).upserted_count)
        except BulkWriteError as error:
            failures = error.details["writeErrors"]
            if any(failure["code"] != REFUSED for failure in failures):
                raise
            raise BadInputError(f"MongoDB refused {len(failures)} events: {failures[0]['errmsg']}") from error


def find_events(condition: Body, *, limit: int) -> list[Body]:
    """Events that meet a condition, newest first."""
    with told_plainly():
        return list(collection(NAME).find(condition).sort("at", DESCENDING).limit(limit))


def find_events_near(
    *, longitude: float, latitude: float, within_metres: float, condition: Body, limit: int
) -> list[Body]:
    """Events by distance from a point, each with ``metres``."""
    nearest = {
        "near": {"type": "Point", "coordinates": checked_point(longitude, latitude)},
        "distanceField": "metres",
        "maxDistance": within_metres,
        "query": condition,
        "spherical": True,
        "key": "location",
    }
    with told_plainly():
        return list(collection(NAME).aggregate([{"$geoNear": nearest}, {"$limit": limit}]))


def window(kind: str, since: dt.datetime | None, until: dt.datetime | None) -> Body:
    """A condition on kind and time: from ``since``, before ``until``."""
    condition: Body = {"kind": kind} if kind else {}
    times = {"$gte": since, "$lt": until}
    if bounds := {name: value for name, value in times.items() if value is not None}:
        condition["at"] = bounds
    return condition


def checked_point(longitude: float, latitude: float) -> list[float]:
    """A point as MongoDB keeps it: longitude, latitude.

    Raises:
        BadInputError: it is not on Earth.
    """
    if not (abs(longitude) <= MAX_LONGITUDE and abs(latitude) <= MAX_LATITUDE):
        raise BadInputError(f"({longitude}, {latitude}) is no longitude and latitude in degrees.")
    return [float(longitude), float(latitude)]


def _rest(document: Body) -> Body:
    return {key: value for key, value in document.items() if key != "_id"}
