"""The collections ``runs`` and ``run_logs``: the free-form body of a run.

``runs`` has one document a run. What grows with time (epochs, checkpoints, notes) is kept in
``run_logs``, in buckets of 100, so that no document grows without bound.
"""

import mongoengine as me
from pymongo import ASCENDING, DESCENDING, IndexModel

from . import schema

LOG_KINDS = ("epoch", "checkpoint", "note")
BUCKET_SIZE = 100

VALIDATOR = schema.json_schema(
    required=["_id", "v", "experiment_id", "started_at"],
    properties={
        "_id": schema.HEX_ID,
        "v": schema.WHOLE,
        "ck": schema.WHOLE,
        "b": schema.WHOLE,
        "experiment_id": schema.EXPERIMENT_ID,
        "name": schema.NAME,
        "model_name": schema.TEXT,
        "framework": schema.TEXT,
        "status": {"enum": ["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"]},
        "params": schema.OBJECT,
        "metrics": schema.OBJECT,
        "environment": schema.OBJECT,
        "models": schema.OBJECT,
        "custom": schema.OBJECT,
        "tags": schema.TAG_PAIRS,
        "started_at": schema.DATE,
        "ended_at": {"bsonType": ["date", "null"]},
        "deleted": {"bsonType": "bool"},
    },
)
INDEXES = [
    # all of them, newest first, and windows of time
    IndexModel([("started_at", DESCENDING)], name="date"),
    # runs of an experiment, newest first
    IndexModel([("experiment_id", ASCENDING), ("started_at", DESCENDING)], name="experiment_date"),
    IndexModel([("framework", ASCENDING), ("started_at", DESCENDING)], name="framework_date"),
    IndexModel([("metrics.accuracy", DESCENDING)], name="accuracy"),
    IndexModel([("tags.k", ASCENDING), ("tags.v", ASCENDING)], name="tags"),
    schema.RECONCILED,
]

LOG_VALIDATOR = schema.json_schema(
    required=["_id", "v", "run_id", "kind", "bucket", "entries"],
    properties={
        "run_id": schema.HEX_ID,
        "v": schema.WHOLE,
        "ck": schema.WHOLE,
        "b": schema.WHOLE,
        "kind": {"enum": list(LOG_KINDS)},
        "bucket": schema.WHOLE,
        "entries": schema.OBJECT,
    },
)
LOG_INDEXES = [
    # a run's epochs, checkpoints or notes in order
    IndexModel(
        [("run_id", ASCENDING), ("kind", ASCENDING), ("bucket", ASCENDING)],
        name="run_kind_bucket",
        unique=True,
    ),
    schema.RECONCILED,
]


class RunBody(me.DynamicDocument):
    """A run's body; its id is the run's id in PostgreSQL, ``v`` the version it stands at."""

    run_id = me.StringField(primary_key=True)
    v = me.IntField(required=True)
    experiment_id = me.StringField(required=True)
    started_at = me.DateTimeField(required=True)

    meta = {"collection": "runs", "auto_create_index": False, "strict": False}


class RunLogBucket(me.DynamicDocument):
    """Up to 100 epochs, checkpoints or notes of a run, by their number or id."""

    bucket_id = me.StringField(primary_key=True)
    v = me.IntField(required=True)
    run_id = me.StringField(required=True)
    kind = me.StringField(choices=LOG_KINDS, required=True)
    bucket = me.IntField(required=True)

    meta = {"collection": "run_logs", "auto_create_index": False, "strict": False}


def bucket_id(run_id: str, kind: str, bucket: int) -> str:
    """The id of a bucket of a run's log."""
    return f"{run_id}:{kind}:{bucket:08d}"
