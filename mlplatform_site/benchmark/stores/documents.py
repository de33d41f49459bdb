"""The benchmark's collections as mongoengine sees them."""

from typing import Any

import mongoengine as me

from analysis.benchmarks.stores import data
from registry.documents.connection import database

from .way import TABLE_FEATURES, TABLE_PAGES, TABLE_RECORDS, TABLE_VALUES, TABLE_WRITTEN


class Document(me.Document):  # type: ignore[misc]
    """In the platform's database of this moment: mongoengine goes by the URL's path."""

    meta: dict[str, Any] = {"abstract": True, "auto_create_index": False}

    @classmethod
    def _get_db(cls) -> Any:
        return database()


class ValueDocument(Document):
    """A text by its key."""

    key = me.StringField(primary_key=True)
    value = me.StringField()

    meta = {"collection": TABLE_VALUES}


class RecordBody(Document):
    """A record's fields."""

    record_id = me.StringField(primary_key=True)
    name = me.StringField()
    framework = me.StringField()
    model_type = me.StringField()
    dataset = me.StringField()
    status = me.StringField()
    accuracy = me.FloatField()
    loss = me.FloatField()
    duration_seconds = me.FloatField()
    version = me.IntField()
    started_ms = me.LongField()

    meta = {"abstract": True}


class RecordDocument(RecordBody):
    """What is read."""

    meta = {"collection": TABLE_RECORDS}


class WrittenDocument(RecordBody):
    """What is written."""

    meta = {"collection": TABLE_WRITTEN}


class PageDocument(Document):
    """A page by its number."""

    number = me.IntField(primary_key=True)
    html = me.StringField()

    meta = {"collection": TABLE_PAGES}


VectorDocument = type(
    "VectorDocument",
    (Document,),
    {
        "__module__": __name__,
        "entity": me.StringField(primary_key=True),
        **{name: me.FloatField() for name in data.feature_names()},
        "meta": {"collection": TABLE_FEATURES},
    },
)
