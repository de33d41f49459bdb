"""Counters in Redis: what a batch adds to them, each batch once, and making them anew.

A consumer counts under a shared lock of PostgreSQL and notes it in the same transaction; who makes the
counters anew holds the lock alone, so every batch is either noted and part of what is made, or not noted
and forgotten by Redis too: its message comes again.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Now

from features.models import EventBatch
from features.online import activity
from features.online.activity import BatchCounts
from features.queries.activity_due import due_counts
from registry.crash_points import crash_point

from .shapes import from_message

COUNTERS_LOCK = 0x61637469766974  # "activit"


def count_batches(bodies: Sequence[Mapping[str, Any]]) -> None:
    """Count batches and note it; in the running transaction.

    Raises:
        StoreUnavailableError: Redis does not answer; none is noted, some may be counted, and are known
            by their id when they come again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [COUNTERS_LOCK])
    by_id = {body["batch_id"]: body for body in bodies}
    open_ids = set(
        EventBatch.objects.filter(batch_id__in=by_id, counted_at=None).values_list("batch_id", flat=True)
    )
    activity.add([counts_of(body) for batch_id, body in by_id.items() if batch_id in open_ids])
    crash_point("activity.after_redis")
    EventBatch.objects.filter(batch_id__in=open_ids).update(counted_at=Now())


def counts_of(body: Mapping[str, Any]) -> BatchCounts:
    """What a batch adds."""
    events = from_message(body)
    hours: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    spent: Counter[str] = Counter()
    for each in events:
        hour = int(each.at.timestamp()) // 3_600 * 3_600
        number, cents = hours[hour]
        hours[hour] = (number + 1, cents + each.cents)
        if each.customer_id and each.cents:
            spent[each.customer_id] += each.cents
    return BatchCounts(
        batch_id=body["batch_id"],
        kind=body["kind"],
        country=body["country"],
        latest=max(int(each.at.timestamp()) for each in events),
        hours=dict(hours),
        spent=dict(spent),
    )


def make_counters() -> int:
    """Make Redis's counters anew from PostgreSQL's record; returns how many events they count.

    Raises:
        StoreUnavailableError: Redis does not answer; until they are made, pages read PostgreSQL.
    """
    with transaction.atomic():
        hold_counters()
        due = due_counts(is_counted=True)
        activity.replace(due)
    return due.events


def hold_counters() -> None:
    """Have nobody count until the running transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [COUNTERS_LOCK])


def keep_counters() -> bool:
    """Make the counters anew where Redis lost them, or some; returns whether it had.

    A Redis that crashed comes back without its last second, while the batches of that second are noted as
    counted: the number of events tells.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with transaction.atomic():
        hold_counters()
        noted = EventBatch.objects.filter(counted_at__isnull=False).aggregate(number=Sum("events"))["number"]
        if activity.events_counted() == (noted or 0):
            return False
        make_counters()
    return True
