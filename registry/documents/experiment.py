"""The collection ``experiments``: the free-form body of an experiment."""

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, IndexModel

from . import schema

VALIDATOR = schema.json_schema(
    required=["_id", "v", "name"],
    properties={
        "_id": schema.EXPERIMENT_ID,
        "v": schema.WHOLE,
        "ck": schema.WHOLE,
        "b": schema.WHOLE,
        "name": schema.NAME,
        "description": schema.TEXT,
        "tags": schema.TAG_PAIRS,
        "custom": schema.OBJECT,
        "created_at": schema.DATE,
        "deleted": {"bsonType": "bool"},
    },
)
INDEXES = [
    IndexModel([("created_at", DESCENDING)], name="date"),
    IndexModel([("tags.k", ASCENDING), ("tags.v", ASCENDING)], name="tags"),
    schema.RECONCILED,
]


class ExperimentBody(me.DynamicDocument):
    """An experiment's body; its id is the experiment's id in PostgreSQL."""

    experiment_id = me.StringField(primary_key=True)
    v = me.IntField(required=True)
    name = me.StringField(required=True)
    created_at = me.DateTimeField()

    meta = {"collection": "experiments", "auto_create_index": False, "strict": False}
