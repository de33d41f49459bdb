"""The outbox: effects on other stores, promised in the transaction that caused them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from registry.enums import OutboxStatus, OutboxTarget


class OutboxEntry(models.Model):
    """One effect still owed to another store: ids only, the state is read when it is applied.

    Applied rows are deleted, so rows left are the lag.
    """

    target = models.PositiveSmallIntegerField(choices=OutboxTarget.choices, default=OutboxTarget.MONGODB)
    topic = models.CharField(max_length=64, help_text="The collection, or what to do")
    aggregate_id = models.CharField(max_length=64, help_text="Public id of the row it is about")
    document_id = models.CharField(max_length=64, blank=True, help_text="The document or file")
    aggregate_version = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    status = models.PositiveSmallIntegerField(choices=OutboxStatus.choices, default=OutboxStatus.DUE)
    next_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "outbox entries"
        constraints = [
            models.CheckConstraint(name="outbox_target_known", condition=Q(target__in=OutboxTarget.values)),
            models.CheckConstraint(name="outbox_status_known", condition=Q(status__in=OutboxStatus.values)),
        ]
        indexes = [
            # the relay's claim
            models.Index(
                F("target"),
                F("next_at"),
                F("id"),
                condition=Q(status=OutboxStatus.DUE),
                name="outbox_due",
            ),
            # what a writer still owes for one aggregate
            models.Index(fields=["aggregate_id", "aggregate_version"], name="outbox_by_aggregate"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.aggregate_id} v{self.aggregate_version}"
