"""Rules that events are held against, and the alerts that they raised."""

import datetime as dt

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from .activity import WATCHED_KINDS, EventKind

DAY_SECONDS = int(dt.timedelta(days=1).total_seconds())


class Severity(models.TextChoices):
    """How soon somebody should look; a header of the alert's message."""

    INFO = "info", "Worth knowing"
    WARNING = "warning", "Look today"
    URGENT = "urgent", "Look now"


class AlertRule(models.Model):
    """When to raise an alert; changed in the admin, known to every process a moment later."""

    class Measure(models.TextChoices):
        AMOUNT = "amount", "One event's amount, US dollars"
        EVENTS = "events", "Events of one customer within the window"
        SPENT = "spent", "Spent by one customer within the window, US dollars"

    name = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.label) for kind in WATCHED_KINDS])
    country = models.CharField(max_length=2, blank=True, help_text="Only there (ISO 3166); empty: everywhere")
    measure = models.CharField(max_length=6, choices=Measure.choices)
    at_least = models.DecimalField(max_digits=12, decimal_places=2, validators=[MinValueValidator(1)])
    window_seconds = models.PositiveIntegerField(
        default=3_600,
        validators=[MinValueValidator(60), MaxValueValidator(DAY_SECONDS)],
        help_text="Of the events' own clock; one alert a customer and window. One event's amount needs none",
    )
    severity = models.CharField(max_length=7, choices=Severity.choices, default=Severity.WARNING)
    is_active = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                name="alert_rule_kind_watched", condition=Q(kind__in=["cart", "purchase", "signup"])
            ),
            models.CheckConstraint(
                name="alert_rule_measure_known", condition=Q(measure__in=["amount", "events", "spent"])
            ),
            models.CheckConstraint(
                name="alert_rule_severity_known", condition=Q(severity__in=Severity.values)
            ),
            models.CheckConstraint(name="alert_rule_at_least_1", condition=Q(at_least__gte=1)),
            models.CheckConstraint(
                name="alert_rule_window_of_a_minute_to_a_day",
                condition=Q(window_seconds__gte=60, window_seconds__lte=DAY_SECONDS),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Alert(models.Model):
    """An alert that was raised: which rule, by whom, by how much. It outlives its rule."""

    alert_id = models.CharField(max_length=32, unique=True, db_collation="C", editable=False)
    rule_name = models.CharField(max_length=64)
    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=7, choices=Severity.choices)
    kind = models.CharField(max_length=10, choices=EventKind.choices)
    country = models.CharField(max_length=2)
    customer_id = models.CharField(max_length=32, blank=True)
    event_id = models.UUIDField(help_text="The event that did it")
    value = models.DecimalField(max_digits=18, decimal_places=2, help_text="What was measured")
    at_least = models.DecimalField(max_digits=12, decimal_places=2, help_text="What the rule asked for")
    at = models.DateTimeField(help_text="When the event happened")
    raised_at = models.DateTimeField(db_default=Now())
    told_at = models.DateTimeField(null=True, blank=True, help_text="When an urgent one was told at once")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="alert_kind_known", condition=Q(kind__in=EventKind.values)),
            models.CheckConstraint(name="alert_severity_known", condition=Q(severity__in=Severity.values)),
            models.CheckConstraint(
                name="alert_only_urgent_ones_are_told",
                condition=Q(told_at=None) | Q(severity=Severity.URGENT),
            ),
        ]
        indexes = [
            # the newest, of one severity
            models.Index(fields=["severity", "-id"], name="alert_by_severity"),
            # one customer's
            models.Index(fields=["customer_id", "-id"], name="alert_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.value} by {self.customer_id or 'nobody'}"
