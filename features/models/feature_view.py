"""Feature definitions: entities, views, features, and their history."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

NAMED = RegexValidator(r"\A[A-Za-z0-9_][A-Za-z0-9_.-]*\Z", "Letters, digits, _, - and . only.")


class Entity(models.Model):
    """What features describe, with its join keys."""

    name = models.CharField(max_length=100, unique=True, validators=[NAMED])
    join_keys = ArrayField(models.CharField(max_length=100))
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "entities"
        constraints = [
            models.CheckConstraint(name="entity_has_join_key", condition=Q(join_keys__len__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class FeatureView(models.Model):
    """A versioned group of features of one entity."""

    name = models.CharField(max_length=100, validators=[NAMED])
    version = models.PositiveIntegerField(default=1)
    entity = models.ForeignKey(Entity, on_delete=models.PROTECT, related_name="views")
    ttl_seconds = models.PositiveIntegerField(null=True, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    is_active = models.BooleanField(default=True)
    materialized_until = models.DateTimeField(null=True, blank=True)
    source_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the SQL that computes it; empty where it is pushed"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["name", "version"], name="feature_view_version_once"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(is_active=True), name="feature_view_one_active_version"
            ),
            models.CheckConstraint(name="feature_view_version_from_1", condition=Q(version__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Feature(models.Model):
    """One typed value of a view."""

    class Type(models.TextChoices):
        FLOAT = "float", "Float"
        INT = "int", "Integer"
        BOOL = "bool", "Boolean"
        STRING = "string", "Text"
        VECTOR = "vector", "Vector of floats"

    view = models.ForeignKey(FeatureView, on_delete=models.CASCADE, related_name="features", db_index=False)
    name = models.CharField(max_length=100, validators=[NAMED])
    value_type = models.CharField(max_length=6, choices=Type.choices)
    position = models.PositiveSmallIntegerField(default=0)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["view", "position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["view", "name"], name="feature_once_per_view"),
            models.CheckConstraint(
                name="feature_type_known",
                condition=Q(value_type__in=["float", "int", "bool", "string", "vector"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FeatureValue(models.Model):
    """The offline history: a view's values for one entity at one time.

    ``values`` is a list in the order of the view's features (features/offline_values.py): 40 % less of
    the table than with their names in every row.
    """

    view = models.ForeignKey(FeatureView, on_delete=models.CASCADE, related_name="values", db_index=False)
    entity_key = models.CharField(max_length=200)
    event_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    transaction = models.BigIntegerField(
        db_default=Cast(
            Cast(Func(function="pg_current_xact_id"), models.TextField()), models.BigIntegerField()
        ),
        help_text="Who wrote it last: unlike ids and times, it tells for certain what was committed when",
    )
    values = models.JSONField()

    class Meta:
        constraints = [
            # point-in-time join: the last value of an entity at or before a time
            models.UniqueConstraint(
                fields=["view", "entity_key", "event_at"], name="feature_value_once_per_time"
            ),
            models.CheckConstraint(
                name="feature_values_are_a_list",
                condition=Exact(
                    Func(F("values"), function="jsonb_typeof", output_field=models.TextField()),
                    Value("array"),
                ),
            ),
        ]
        indexes = [
            # materialisation up to a time, and which snapshots there are
            models.Index(fields=["view", "event_at"], name="feature_value_by_time"),
            # incremental materialisation: what was written since, whatever its event time
            models.Index(fields=["view", "transaction"], name="feature_value_by_transaction"),
        ]

    def __str__(self) -> str:
        return f"{self.view} of {self.entity_key}"
