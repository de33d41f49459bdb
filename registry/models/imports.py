"""Imports: what was brought in from elsewhere, and what it became here."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from registry.enums import ImportedKind, ImportState


class Import(models.Model):
    """One source that is brought in; by the same command it goes on where it stopped."""

    kind = models.CharField(max_length=16, help_text="sqlite, csv, mlruns, mlflow")
    place = models.CharField(max_length=1_000, help_text="What was read, without secrets")
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of what was read")
    state = models.CharField(max_length=8, choices=ImportState.choices, default=ImportState.RUNNING)
    options = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True, help_text="Counts, and what was refused")
    runs = models.PositiveIntegerField(default=0)
    points = models.BigIntegerField(default=0)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="import_state_known", condition=Q(state__in=ImportState.values)),
            # one import a place, until it is taken back; the import that a command goes on with
            models.UniqueConstraint(
                fields=["kind", "place"],
                condition=Q(state__in=[ImportState.RUNNING, ImportState.DONE]),
                name="import_once_per_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}"


class ImportedItem(models.Model):
    """One thing of a source, and the thing of ours that it became or joined."""

    imported_by = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="items", db_index=False)
    kind = models.CharField(max_length=16, choices=ImportedKind.choices)
    source_id = models.CharField(max_length=500, db_collation="C", help_text="The source's own name of it")
    our_id = models.CharField(max_length=255, db_collation="C", help_text="Public id or name")
    our_pk = models.BigIntegerField(
        null=True, blank=True, help_text="Primary key of ours: names come again, keys never"
    )
    is_new = models.BooleanField(default=True, help_text="Made by this import, not joined by it")
    version = models.PositiveIntegerField(default=1, help_text="Of ours, as the import left it")
    points = models.BigIntegerField(default=0)
    said = models.CharField(max_length=32, blank=True, help_text="Checksum of the source's own words")
    checksum = models.CharField(max_length=32, blank=True, help_text="Of what the source said")
    is_verified = models.BooleanField(
        default=False, null=True, help_text="PostgreSQL was seen to say the same; null where nobody compares"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            # whether a thing of the source is here already
            models.UniqueConstraint(fields=["imported_by", "kind", "source_id"], name="imported_item_once"),
            models.CheckConstraint(
                name="imported_item_kind_known", condition=Q(kind__in=ImportedKind.values)
            ),
        ]
        indexes = [
            # which import brought a run
            models.Index(fields=["our_id"], name="imported_item_by_our_id"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.source_id} is {self.our_id}"
