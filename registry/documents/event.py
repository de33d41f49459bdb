"""The collection ``events``: what happened, when and where, in buckets of one kind; kept for 90 days.

A bucket holds up to 500 events that came together (decision 0021): a third less space than a document
an event, and one write. A bucket's id makes writing it repeatable, an event's id keeps it in one bucket.
"""

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel

from . import schema

KEPT_SECONDS = 90 * 24 * 3600
MOST_IN_A_BUCKET = 500

LOCATION: schema.Schema = {
    "bsonType": "object",
    "required": ["type", "coordinates"],
    "properties": {
        "type": {"enum": ["Point"]},
        "coordinates": {
            "bsonType": "array",
            "minItems": 2,
            "maxItems": 2,
            "items": [
                {"bsonType": "number", "minimum": -180, "maximum": 180},
                {"bsonType": "number", "minimum": -90, "maximum": 90},
            ],
        },
    },
}
EVENT: schema.Schema = {
    "bsonType": "object",
    "required": ["id", "at"],
    "properties": {
        "id": {"bsonType": "binData"},
        "subject": schema.TEXT,
        "at": schema.DATE,
        "location": LOCATION,
        "data": schema.OBJECT,
    },
}
VALIDATOR = schema.json_schema(
    required=["_id", "kind", "at", "until", "count", "events"],
    properties={
        "_id": schema.HEX_ID,
        "kind": schema.NAME,
        "country": schema.TEXT,
        "at": schema.DATE,
        "until": schema.DATE,
        "count": schema.WHOLE,
        "expires_at": schema.DATE,
        "events": {"bsonType": "array", "minItems": 1, "maxItems": MOST_IN_A_BUCKET, "items": EVENT},
    },
)
INDEXES = [
    # windows of time: a bucket begins before the window's end (``at``) and ends after its beginning
    IndexModel([("until", DESCENDING), ("at", ASCENDING)], name="bucket_time"),
    # a kind's events in a window of time
    IndexModel([("kind", ASCENDING), ("until", DESCENDING), ("at", ASCENDING)], name="bucket_kind_time"),
    # what one subject did lately
    IndexModel([("events.subject", ASCENDING), ("until", DESCENDING)], name="bucket_subject_time"),
    # events around a point
    IndexModel([("events.location", GEOSPHERE)], name="bucket_location"),
    # which events are there; no event lies in two buckets. Sparse: documents of before have no list of
    # events, and to a plain unique index they would all be the same
    IndexModel([("events.id", ASCENDING)], name="bucket_event_unique", unique=True, sparse=True),
    # MongoDB deletes a bucket when its time has come
    IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
]
# of the days of a document an event; the last one was not sparse
OUTDATED = ("date", "kind_date", "subject_date", "location", "bucket_event_once")


class EventBucket(me.Document):
    """Events of one kind (and country, where it is known) that came together."""

    bucket_id = me.StringField(primary_key=True)
    kind = me.StringField(required=True)
    country = me.StringField()
    at = me.DateTimeField(required=True)
    until = me.DateTimeField(required=True)
    count = me.IntField()
    expires_at = me.DateTimeField()
    events = me.ListField(me.DynamicField())

    meta = {"collection": "events", "auto_create_index": False, "strict": False}
