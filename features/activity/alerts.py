"""Holding events against the rules; what one raises is promised to the exchange ``alerts``, once."""

import hashlib
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from features.models import Alert, AlertRule, Severity
from features.online import doorbells
from registry.crash_points import crash_point
from registry.messaging.promising import Promised, promise
from registry.messaging.topology import Exchanges

from .rules import active_rules
from .shapes import ActivityInput, from_message

logger = logging.getLogger(__name__)
MESSAGE = "activity.alert"
BELL = "activity"
# Every event of these customers in whose window one of the batch's lies, with what that window holds: so an
# old event that comes late raises what it would have raised in time. Windows slide over the customer's events
# in order, so a day of n events costs n log n. A window does not hold what is as old as it is long.
WINDOWS = """
SELECT event_id, customer_id, at, country, number, spent FROM (
    SELECT e.event_id, e.customer_id, e.at, b.country, count(*) OVER near AS number,
        sum(e.amount) OVER near AS spent, count(new.event_id) OVER near AS news
    FROM (SELECT customer_id, min(at) AS since, max(at) AS until
          FROM unnest(%(customers)s::text[], %(times)s::timestamptz[]) AS given (customer_id, at)
          GROUP BY customer_id) AS span
    JOIN features_activityevent e ON e.customer_id = span.customer_id AND e.customer_id <> ''
        AND e.at > span.since - make_interval(secs => %(window)s)
        AND e.at < span.until + make_interval(secs => %(window)s)
    JOIN features_eventbatch b ON b.id = e.batch_id AND b.kind = %(kind)s
        AND (%(country)s = '' OR b.country = %(country)s)
    LEFT JOIN (SELECT DISTINCT unnest(%(ids)s::uuid[]) AS event_id) AS new ON new.event_id = e.event_id
    WINDOW near AS (PARTITION BY e.customer_id ORDER BY e.at
        RANGE BETWEEN make_interval(secs => %(window)s - 0.000001) PRECEDING AND CURRENT ROW)
) AS windows
WHERE news > 0 AND CASE WHEN %(measure)s = 'spent' THEN spent ELSE number END >= %(at_least)s
ORDER BY at, event_id
"""


def raise_alerts(bodies: Sequence[Mapping[str, Any]]) -> int:
    """Promise what the rules raise of these batches; in the running transaction. Returns how many."""
    events = [event for body in bodies for event in from_message(body)]
    found: dict[str, dict[str, Any]] = {}
    for rule in active_rules():
        for alert in _raised(rule, events):
            found.setdefault(alert["alert_id"], alert)  # the first of a window is the one that tells
    promise([_promised(each) for each in found.values()])
    crash_point("activity.after_alerts")
    return len(found)


def keep_alerts(bodies: Sequence[Mapping[str, Any]], *, is_urgent: bool) -> None:
    """Keep alerts, each once; urgent ones are told at once. In the running transaction."""
    Alert.objects.bulk_create([_alert(body) for body in bodies], ignore_conflicts=True)
    if is_urgent:
        ids = [body["alert_id"] for body in bodies]
        untold = Alert.objects.filter(alert_id__in=ids, told_at=None, severity=Severity.URGENT)
        for alert in untold:
            logger.warning("Urgent: %s (%s, %s)", alert, alert.kind, alert.country)
        untold.update(told_at=Now())
    doorbells.ring(BELL)


def _raised(rule: AlertRule, events: Sequence[ActivityInput]) -> Iterator[dict[str, Any]]:
    """What a rule raises (one statement where it looks at windows)."""
    watched = [each for each in events if each.kind == rule.kind and rule.country in ("", each.country)]
    if rule.measure == AlertRule.Measure.AMOUNT:
        for each in watched:
            if each.amount >= rule.at_least:
                yield _body(rule, each, each.amount, occasion=each.event_id)
        return
    named = [each for each in watched if each.customer_id]
    for event, value in _windows(rule, named) if named else ():
        slot = int(event.at.timestamp()) // rule.window_seconds
        yield _body(rule, event, value, occasion=f"{event.customer_id}:{slot}")


def _windows(rule: AlertRule, events: Sequence[ActivityInput]) -> Iterator[tuple[ActivityInput, Decimal]]:
    values: dict[str, Any] = {
        "ids": [each.event_id for each in events],
        "customers": [each.customer_id for each in events],
        "times": [each.at for each in events],
        "window": rule.window_seconds,
        "kind": rule.kind,
        "country": rule.country,
        "measure": rule.measure,
        "at_least": rule.at_least,
    }
    with connection.cursor() as cursor:
        cursor.execute(WINDOWS, values)
        for event_id, customer, at, country, number, spent in cursor.fetchall():
            value = spent if rule.measure == AlertRule.Measure.SPENT else Decimal(number)
            yield ActivityInput(rule.kind, at, customer, country, event_id=event_id.hex), value


def _body(rule: AlertRule, event: ActivityInput, value: Decimal, *, occasion: str) -> dict[str, Any]:
    return {
        "alert_id": hashlib.sha256(f"{rule.name}:{occasion}".encode()).hexdigest()[:32],
        "rule_name": rule.name,
        "title": rule.title,
        "severity": rule.severity,
        "kind": rule.kind,
        "country": event.country,
        "customer_id": event.customer_id,
        "event_id": event.event_id,
        "value": str(value),
        "at_least": str(rule.at_least),
        "at": event.at.isoformat(),
    }


def _promised(body: dict[str, Any]) -> Promised:
    headers = {"severity": body["severity"], "kind": body["kind"]}
    return Promised(MESSAGE, body, Exchanges.ALERTS, headers=headers, key=body["alert_id"])


def _alert(body: Mapping[str, Any]) -> Alert:
    return Alert(**dict(body) | {"event_id": uuid.UUID(body["event_id"])})
