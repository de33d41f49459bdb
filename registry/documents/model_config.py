"""The collection ``model_configs``: how a model is built, in its framework's own shape."""

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, IndexModel

from . import schema

VALIDATOR = schema.json_schema(
    required=["_id", "name", "framework", "config", "created_at"],
    properties={
        "_id": schema.HEX_ID,
        "run_id": schema.HEX_ID,
        "name": schema.NAME,
        "framework": schema.FRAMEWORK,
        "model_type": schema.TEXT,
        "config": schema.OBJECT,
        "metrics": schema.OBJECT,
        "tags": schema.TAG_LIST,
        "digest": schema.TEXT,
        "created_at": schema.DATE,
    },
)
INDEXES = [
    # all of them, newest first, and windows of time
    IndexModel([("created_at", DESCENDING)], name="date"),
    # find_by_framework, newest first
    IndexModel([("framework", ASCENDING), ("created_at", DESCENDING)], name="framework_date"),
    # the configs of a run (the model's id), newest first
    IndexModel([("run_id", ASCENDING), ("created_at", DESCENDING)], name="model_date"),
    # comparison on the commonest nested field, and average by framework
    IndexModel([("metrics.accuracy", DESCENDING)], name="accuracy"),
    IndexModel([("tags", ASCENDING)], name="tags"),
]


class ModelConfig(me.Document):
    """One model's configuration; ``config`` is of any shape."""

    config_id = me.StringField(primary_key=True)
    run_id = me.StringField()
    name = me.StringField(required=True)
    framework = me.StringField(required=True)
    model_type = me.StringField()
    config = me.DynamicField(required=True)
    metrics = me.DynamicField()
    tags = me.ListField(me.StringField())
    digest = me.StringField()
    created_at = me.DateTimeField(required=True)

    meta = {"collection": "model_configs", "auto_create_index": False, "strict": False}
