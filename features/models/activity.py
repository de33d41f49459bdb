"""What customers do: accepted events, and how many there were by hour, kind and country."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from registry.fields import HexIdField

UNKNOWN_COUNTRY = "ZZ"


class EventKind(models.TextChoices):
    """What may happen; the first word of an event's routing key."""

    PAGE_VIEW = "page_view", "Page view"
    SEARCH = "search", "Search"
    CART = "cart", "Put in the cart"
    PURCHASE = "purchase", "Purchase"
    SIGNUP = "signup", "Sign-up"


WATCHED_KINDS = (EventKind.CART, EventKind.PURCHASE, EventKind.SIGNUP)
"""What is held against alert rules: the bindings of ``events.alerts`` (registry/messaging/topology.py)."""


class EventBatch(models.Model):
    """Events of one kind and country that came together: one message, and one document in MongoDB.

    Each consumer notes here, in its own transaction, that it is done with the batch.
    """

    batch_id = HexIdField(unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    country = models.CharField(max_length=2, default=UNKNOWN_COUNTRY, help_text="ISO 3166; ZZ: not known")
    events = models.PositiveIntegerField()
    received_at = models.DateTimeField(db_default=Now())
    kept_at = models.DateTimeField(null=True, help_text="When MongoDB had it")
    counted_at = models.DateTimeField(null=True, help_text="When Redis had counted it")
    is_summarised = models.BooleanField(default=False, help_text="Whether its hours were summed up since")

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "event batches"
        constraints = [
            models.CheckConstraint(name="event_batch_kind_known", condition=Q(kind__in=EventKind.values)),
            models.CheckConstraint(
                name="event_batch_country_code", condition=Q(country__regex=r"^[A-Z]{2}$")
            ),
            models.CheckConstraint(name="event_batch_not_empty", condition=Q(events__gte=1)),
        ]
        indexes = [
            # the next summing up: few beside those that are summed up
            models.Index(fields=["id"], condition=Q(is_summarised=False), name="event_batch_to_summarise"),
        ]

    def __str__(self) -> str:
        return f"{self.events} of {self.kind} in {self.country}"


class ActivityEvent(models.Model):
    """The record that an event was accepted, once: all that is counted. Its body is MongoDB's."""

    event_id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(EventBatch, on_delete=models.PROTECT, related_name="accepted")
    customer_id = models.CharField(max_length=32, blank=True, help_text="Whose; nobody's: empty")
    at = models.DateTimeField(help_text="When it happened")
    amount = models.DecimalField(max_digits=12, decimal_places=2, default=0, help_text="US dollars")

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(name="activity_event_amount_not_negative", condition=Q(amount__gte=0)),
        ]
        indexes = [
            # an hour's events, and the newest ones
            models.Index(fields=["at"], name="activity_event_by_time"),
            # what one customer did, newest last
            models.Index(
                fields=["customer_id", "at"], condition=~Q(customer_id=""), name="activity_event_by_customer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_id.hex} at {self.at:%Y-%m-%d %H:%M}"


class HourlyActivity(models.Model):
    """How much happened in one hour of the events' own clock, by kind and country; made by a task."""

    hour = models.DateTimeField(help_text="When it began")
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    country = models.CharField(max_length=2)
    events = models.PositiveIntegerField()
    amount = models.DecimalField(max_digits=18, decimal_places=2, help_text="US dollars")
    customers = models.PositiveIntegerField(help_text="Different customers")
    refreshed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-hour", "kind", "country"]
        verbose_name_plural = "hourly activity"
        constraints = [
            # windows of hours, and an hour's kinds
            models.UniqueConstraint(fields=["hour", "kind", "country"], name="hourly_activity_once"),
            models.CheckConstraint(name="hourly_activity_kind_known", condition=Q(kind__in=EventKind.values)),
            models.CheckConstraint(name="hourly_activity_not_empty", condition=Q(events__gte=1)),
            models.CheckConstraint(
                name="hourly_activity_no_more_customers_than_events",
                condition=Q(customers__lte=F("events")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hour:%Y-%m-%d %H:00}: {self.events} of {self.kind} in {self.country}"
