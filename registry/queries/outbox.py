"""How far the other stores lag behind."""

from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.db.models.functions import Now
from django.utils import timezone

from registry.enums import OutboxStatus, OutboxTarget
from registry.models import OutboxEntry


@dataclass(frozen=True)
class Lag:
    """Effects that wait or are parked; ``seconds`` is the age of the oldest that waits, 0 for none."""

    waiting: int
    parked: int
    seconds: float
    waiting_by_target: dict[str, int]


def outbox_lag() -> Lag:
    """Depth and age of the outbox (one statement)."""
    # a message that is to wait for its time, as a task's next attempt, lags behind nothing
    is_to_wait = Q(target=OutboxTarget.CELERY, next_at__gt=Now())
    is_due = Q(status=OutboxStatus.DUE) & ~is_to_wait
    rows = list(
        OutboxEntry.objects.order_by()
        .values("target")
        .annotate(
            waiting=Count("pk", filter=is_due),
            parked=Count("pk", filter=Q(status=OutboxStatus.PARKED)),
            oldest=Min("created_at", filter=is_due),
        )
    )
    oldest = min((row["oldest"] for row in rows if row["oldest"]), default=None)
    return Lag(
        waiting=sum(row["waiting"] for row in rows),
        parked=sum(row["parked"] for row in rows),
        seconds=(timezone.now() - oldest).total_seconds() if oldest else 0.0,
        waiting_by_target={str(OutboxTarget(row["target"]).label): row["waiting"] for row in rows},
    )
