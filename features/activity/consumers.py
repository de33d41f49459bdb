"""Who takes events and alerts off their queues; each in one transaction with the mark that it is done."""

from collections.abc import Sequence

from django.db.models.functions import Now

from features.models import EventBatch
from features.online import doorbells
from registry.crash_points import crash_point
from registry.messaging import Queues, Received, consumer
from registry.services.events import record_buckets

from .alerts import BELL, keep_alerts, raise_alerts
from .counting import count_batches
from .shapes import from_message


@consumer(Queues.EVENTS_RAW)
def keep_raw(messages: Sequence[Received]) -> None:
    """Keep events whole in MongoDB: a bucket a batch, by the batch's id."""
    batches = {each.body["batch_id"]: from_message(each.body) for each in messages}
    record_buckets(buckets={batch_id: [each.raw for each in events] for batch_id, events in batches.items()})
    crash_point("activity.after_mongodb")
    EventBatch.objects.filter(batch_id__in=batches).update(kept_at=Now())


@consumer(Queues.EVENTS_COUNTERS)
def count(messages: Sequence[Received]) -> None:
    """Count events in Redis."""
    count_batches([each.body for each in messages])
    doorbells.ring(BELL)


@consumer(Queues.EVENTS_ALERTS)
def hold_against_rules(messages: Sequence[Received]) -> None:
    """Raise alerts."""
    raise_alerts([each.body for each in messages])


@consumer(Queues.ALERTS_KEPT)
def keep(messages: Sequence[Received]) -> None:
    """Keep every alert."""
    keep_alerts([each.body for each in messages], is_urgent=False)


@consumer(Queues.ALERTS_URGENT)
def tell(messages: Sequence[Received]) -> None:
    """Tell of urgent alerts."""
    keep_alerts([each.body for each in messages], is_urgent=True)
