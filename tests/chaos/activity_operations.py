"""What a child does for the tests of activity: send events, consume what is owed, tell what is where."""

import datetime as dt
from decimal import Decimal
from typing import Any

from features.activity import counting
from features.activity.accepting import accept_events
from features.activity.rules import add_standard_rules
from features.activity.shapes import ActivityInput
from features.models import ActivityEvent, Alert, EventBatch
from features.online import activity
from features.queries.activity_due import due_counts
from registry.documents.event_archive import count_events
from registry.enums import OPEN_DELIVERIES
from registry.messaging import Queues, Received
from registry.messaging.batches import consume_batch
from registry.messaging.bodies import unpacked
from registry.messaging.registering import CONSUMERS
from registry.models import Delivery, Message

NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
EVENTS = 20


def activity_send(story: int) -> dict[str, int]:
    """Twenty events of one story, half of them abroad, one of them worth an alert."""
    add_standard_rules()
    events = [
        ActivityInput(
            kind="purchase",
            at=NOON + dt.timedelta(days=story, minutes=number),
            customer_id=f"{story}-{number}",
            country="CH" if number % 2 else "FR",
            location=(7.45, 46.95),
            amount=Decimal(400 if number == 0 else 10),
            event_id=f"{story:016x}{number:016x}",
        )
        for number in range(EVENTS)
    ]
    accepted = accept_events(events=events)
    return {"new": accepted.new, "known": accepted.known}


def activity_consume() -> None:
    """Give each consumer what its queue is owed: what a broker does, at once and in order of the queues."""
    for queue, spec in CONSUMERS.items():
        if messages := _owed(queue):
            consume_batch(spec, messages)
    if Delivery.objects.filter(state__in=OPEN_DELIVERIES, queue__in=[*CONSUMERS]).exists():
        activity_consume()  # alerts that were raised just now


def activity_told() -> dict[str, Any]:
    """What the stores hold."""
    return {
        "recorded": ActivityEvent.objects.count(),
        "kept": count_events(LATER),
        "counted": _counted(),
        "is_right": activity.read() == due_counts(),
        "alerts": Alert.objects.count(),
        "told": Alert.objects.exclude(told_at=None).count(),
        "open": EventBatch.objects.filter(kept_at=None).count()
        + EventBatch.objects.filter(counted_at=None).count()
        + Delivery.objects.filter(state__in=OPEN_DELIVERIES, queue__in=[*CONSUMERS]).count(),
    }


def activity_flush() -> None:
    """Empty Redis, and have the task of every minute find out."""
    activity.store().flushall()
    counting.keep_counters()


def _counted() -> int:
    if activity.events_counted() is None:  # what is counted wrongly must stay to be seen
        counting.make_counters()
    counts = activity.read()
    return counts.events if counts else 0


def _owed(queue: Queues) -> list[Received]:
    owed = Message.objects.filter(deliveries__queue=queue, deliveries__state__in=OPEN_DELIVERIES)
    return [
        Received(
            str(each.message_id),
            each.name,
            each.routing_key,
            each.headers,
            unpacked(each.body, each.encoding),
            0,
        )
        for each in owed.order_by("pk")
    ]


ACTIVITY_OPERATIONS = {
    each.__name__: each for each in (activity_send, activity_consume, activity_told, activity_flush)
}
