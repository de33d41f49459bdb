"""Rows of what customers do, and of alerts."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from features.models import ActivityEvent, Alert, AlertRule, EventBatch, HourlyActivity
from registry.fields import new_hex_id

HOUR = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def event_batch(**changed: Any) -> EventBatch:
    return EventBatch.objects.create(**({"kind": "cart", "country": "CH", "events": 1} | changed))


def activity_event(**changed: Any) -> ActivityEvent:
    batch = changed.pop("batch", None) or event_batch()
    return ActivityEvent.objects.create(**({"batch": batch, "customer_id": "00001", "at": HOUR} | changed))


def hourly_activity(**changed: Any) -> HourlyActivity:
    hour = HOUR + dt.timedelta(hours=HourlyActivity.objects.count())
    row = {"hour": hour, "kind": "cart", "country": "CH", "events": 1, "amount": 0, "customers": 1}
    return HourlyActivity.objects.create(**(row | changed))


def alert_rule(**changed: Any) -> AlertRule:
    name = f"much-{AlertRule.objects.count()}"
    row = {"name": name, "title": "Much", "kind": "purchase", "measure": "amount", "at_least": 100}
    return AlertRule.objects.create(**(row | changed))


def alert(**changed: Any) -> Alert:
    row = {
        "alert_id": new_hex_id(),
        "rule_name": "much",
        "title": "Much",
        "severity": "urgent",
        "kind": "purchase",
        "country": "CH",
        "customer_id": "00001",
        "event_id": uuid.uuid4(),
        "value": Decimal(120),
        "at_least": Decimal(100),
        "at": HOUR,
        "told_at": HOUR,
    }
    return Alert.objects.create(**(row | changed))
