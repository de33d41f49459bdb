"""Alert rules: remembered for a minute by each process, forgotten when one changes."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction

from features.models import AlertRule, EventKind, Severity
from features.models.alert import DAY_SECONDS
from features.remembered import Remembered
from registry.messaging import announce, on_announcement

CHANGED = "alert_rules.changed"
SECONDS = 60.0
STANDARD = (
    AlertRule(
        name="big-purchase",
        title="A purchase of 300 dollars or more",
        kind=EventKind.PURCHASE,
        measure=AlertRule.Measure.AMOUNT,
        at_least=Decimal(300),
        severity=Severity.URGENT,
    ),
    AlertRule(
        name="spent-in-a-day",
        title="A customer spent 250 dollars within a day",
        kind=EventKind.PURCHASE,
        measure=AlertRule.Measure.SPENT,
        at_least=Decimal(250),
        window_seconds=DAY_SECONDS,
        severity=Severity.WARNING,
    ),
    AlertRule(
        name="many-purchases",
        title="A customer bought three times within a day",
        kind=EventKind.PURCHASE,
        measure=AlertRule.Measure.EVENTS,
        at_least=Decimal(3),
        window_seconds=DAY_SECONDS,
        severity=Severity.INFO,
    ),
)


def _read(_: str) -> Sequence[AlertRule]:
    return list(AlertRule.objects.filter(is_active=True))


_remembered: Remembered[str, Sequence[AlertRule]] = Remembered(_read, seconds=SECONDS)


def active_rules() -> Sequence[AlertRule]:
    """The rules in force."""
    return _remembered("")


def add_standard_rules() -> int:
    """Rules to begin with, where there are none at all; returns how many."""
    with transaction.atomic():
        if AlertRule.objects.exists():
            return 0
        AlertRule.objects.bulk_create(STANDARD, ignore_conflicts=True)
        announce(CHANGED)
    return len(STANDARD)


def tell_of_change(**_: object) -> None:
    """Have every process read the rules again: receives what Django says when one is saved or deleted."""
    announce(CHANGED)


@on_announcement(CHANGED)
def forget_rules(**_: object) -> None:
    """Read the rules again the next time."""
    _remembered.forget()
