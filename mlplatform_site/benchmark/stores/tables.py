"""The benchmark's tables as Django sees them.

In a registry of their own, so that no migration and no sweep over the platform's models meets them.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import models

from analysis.benchmarks.stores import data

from .way import TABLE_FEATURES, TABLE_PACKED, TABLE_PAGES, TABLE_RECORDS, TABLE_VALUES, TABLE_WRITTEN

APPS = Apps()
TEXT: dict[str, Any] = {"db_collation": "C"}


class Value(models.Model):
    """A text by its key."""

    key = models.TextField(primary_key=True, **TEXT)
    value = models.TextField()

    objects: models.Manager[Any] = models.Manager()

    class Meta:
        apps, app_label, db_table = APPS, "bench", TABLE_VALUES


class RecordFields(models.Model):
    """A record's fields."""

    record_id = models.TextField(primary_key=True, **TEXT)
    name = models.TextField()
    framework = models.TextField()
    model_type = models.TextField()
    dataset = models.TextField()
    status = models.TextField()
    accuracy = models.FloatField()
    loss = models.FloatField()
    duration_seconds = models.FloatField()
    version = models.IntegerField()
    started_ms = models.BigIntegerField()

    objects: models.Manager[Any] = models.Manager()

    class Meta:
        apps, app_label, abstract = APPS, "bench", True


class Record(RecordFields):
    """What is read."""

    class Meta:
        apps, app_label, db_table = APPS, "bench", TABLE_RECORDS
        indexes = [models.Index(fields=["status", "loss"], name="bench_by_loss")]


class Written(RecordFields):
    """What is written."""

    class Meta:
        apps, app_label, db_table = APPS, "bench", TABLE_WRITTEN


class Page(models.Model):
    """A page by its number."""

    number = models.IntegerField(primary_key=True)
    html = models.TextField()

    objects: models.Manager[Any] = models.Manager()

    class Meta:
        apps, app_label, db_table = APPS, "bench", TABLE_PAGES


class Packed(models.Model):
    """A vector packed as in Redis."""

    entity = models.TextField(primary_key=True, **TEXT)
    packed = models.BinaryField()

    objects: models.Manager[Any] = models.Manager()

    class Meta:
        apps, app_label, db_table = APPS, "bench", TABLE_PACKED


Vector: Any = type(
    "Vector",
    (models.Model,),
    {
        "__module__": __name__,
        "entity": models.TextField(primary_key=True, **TEXT),
        **{name: models.FloatField() for name in data.feature_names()},
        "Meta": type("Meta", (), {"apps": APPS, "app_label": "bench", "db_table": TABLE_FEATURES}),
    },
)
MODELS: tuple[Any, ...] = (Value, Record, Written, Page, Vector, Packed)
