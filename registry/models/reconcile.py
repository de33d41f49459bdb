"""What reconcile found, and since when it has seen orphans."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class ReconcileReport(models.Model):
    """One look at all stores: what had come apart, and what was mended."""

    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    is_deep = models.BooleanField(default=False, help_text="Bytes were compared too")
    is_repair = models.BooleanField(default=False)
    found = models.PositiveIntegerField(default=0)
    mended = models.PositiveIntegerField(default=0)
    unchecked = models.PositiveIntegerField(default=0, help_text="Places whose store was away")
    result = models.JSONField(default=dict, help_text="Places, drift by kind, the first findings")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "reconcile"
        permissions = [("run_reconcile", "Can check the stores against each other, and mend them")]

    def __str__(self) -> str:
        return f"Check of {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_clean(self) -> bool:
        """Whether everything was looked at and nothing is left that has come apart."""
        return self.ended_at is not None and self.found == self.mended and not self.unchecked


class OrphanSighting(models.Model):
    """Since when something without a row in PostgreSQL has been seen, unchanged."""

    place = models.CharField(max_length=32)
    subject = models.CharField(max_length=64, db_collation="C")
    fingerprint = models.CharField(max_length=64, help_text="What was seen of it")
    first_seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["place", "subject"], name="orphan_sighting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.subject}"
