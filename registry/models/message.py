"""Messages that are owed to queues, and how far each has come (docs/messaging.md)."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from registry.enums import OPEN_DELIVERIES, DeliveryState
from registry.fields import HexIdField

LOWEST, HIGHEST = 0, 9


class Message(models.Model):
    """A task to run or a fact to tell, promised in the transaction that caused it; never changed after."""

    message_id = HexIdField(unique=True, editable=False)
    exchange = models.CharField(max_length=64)
    routing_key = models.CharField(max_length=255, blank=True)
    headers = models.JSONField(default=dict, blank=True)
    name = models.CharField(max_length=100, help_text="Of the task, or the kind of fact")
    key = models.CharField(
        max_length=255, blank=True, help_text="What makes a second promise the same; empty: nothing does"
    )
    body = models.BinaryField(help_text="JSON, packed where it is big")
    encoding = models.CharField(max_length=4, blank=True, help_text="zlib, or empty for JSON as it is")
    priority = models.PositiveSmallIntegerField(default=5, help_text="9 goes first")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        constraints = [
            # the idempotency of a promise
            models.UniqueConstraint(
                fields=["name", "key"], condition=~Q(key=""), name="message_once_by_name_and_key"
            ),
            models.CheckConstraint(
                name="message_priority_0_to_9", condition=Q(priority__gte=LOWEST, priority__lte=HIGHEST)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.message_id[:8]}"


class Delivery(models.Model):
    """One queue that a message is owed to, and what became of it there."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    queue = models.CharField(max_length=64)
    state = models.CharField(max_length=9, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    publishes = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField(null=True, blank=True, help_text="Last")
    attempts = models.PositiveIntegerField(default=0, help_text="How often it was begun")
    next_at = models.DateTimeField(db_default=Now(), help_text="Not to be begun before")
    started_at = models.DateTimeField(null=True, blank=True, help_text="Last")
    finished_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    reason = models.TextField(blank=True, help_text="Why it is a dead letter")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["message", "queue"], name="delivery_once_a_queue"),
            models.CheckConstraint(name="delivery_state_known", condition=Q(state__in=DeliveryState.values)),
            models.CheckConstraint(
                name="delivery_dead_says_why", condition=~Q(state=DeliveryState.DEAD) | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="delivery_finished_has_a_time",
                condition=Q(state__in=OPEN_DELIVERIES, finished_at=None)
                | (~Q(state__in=OPEN_DELIVERIES) & Q(finished_at__isnull=False)),
            ),
        ]
        indexes = [
            # what a queue holds, and the sweep
            models.Index(
                fields=["queue", "published_at"], condition=Q(state__in=OPEN_DELIVERIES), name="delivery_open"
            ),
            # dead letters, newest first
            models.Index(fields=["-id"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.queue} #{self.pk}: {self.state}"
