"""The collection ``events``: what happened, when and where; kept for 90 days."""

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel

from . import schema

KEPT_SECONDS = 90 * 24 * 3600

VALIDATOR = schema.json_schema(
    required=["_id", "kind", "at"],
    properties={
        "_id": schema.HEX_ID,
        "kind": schema.NAME,
        "subject": schema.TEXT,
        "at": schema.DATE,
        "expires_at": schema.DATE,
        "location": {
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
        },
        "data": schema.OBJECT,
    },
)
INDEXES = [
    # a kind's events in a window of time
    IndexModel([("kind", ASCENDING), ("at", DESCENDING)], name="kind_date"),
    IndexModel([("subject", ASCENDING), ("at", DESCENDING)], name="subject_date"),
    IndexModel([("location", GEOSPHERE)], name="location"),
    # MongoDB deletes an event when its time has come
    IndexModel([("expires_at", ASCENDING)], name="expiry", expireAfterSeconds=0),
]


class Event(me.Document):
    """One event."""

    event_id = me.StringField(primary_key=True)
    kind = me.StringField(required=True)
    subject = me.StringField()
    at = me.DateTimeField(required=True)
    expires_at = me.DateTimeField()
    location = me.PointField(auto_index=False)
    data = me.DynamicField()

    meta = {"collection": "events", "auto_create_index": False, "strict": False}
