"""Driving real customers through the flow: each asks when they bought, at a chosen speed."""

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db.models import Min
from django.utils import timezone

from features.models import Customer, ProfileRequest
from features.pacing import Pace

from .profile_answers import profile_answer

POLL_SECONDS = 0.2
DAY_SECONDS = 86_400
State = ProfileRequest.State
Sleep = Callable[[float], None]


@dataclass
class Driven:
    """What became of the requests so far; ``waits`` are seconds from asking to the answer, by segment."""

    total: int
    asked: int = 0
    ready: int = 0
    at_once: int = 0
    waits: dict[str, list[float]] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """At once or later."""
        return self.at_once + self.ready


def request_profiles(
    *,
    customers: int,
    speed: float,
    patience_seconds: float,
    sleep: Sleep = time.sleep,
) -> Iterator[Driven]:
    """Ask for the profiles of CDNOW's first customers as they came, then wait for the answers.

    A second time the answers are there already. CDNOW tells the day of a purchase alone: the time of day is
    drawn from the customer's id, the same each time.

    Args:
        speed: how much faster than in 1997 the customers come; infinity: without any pause.
        patience_seconds: how long to wait for the answers after the last request.
    """
    rows = Customer.objects.annotate(came_at=Min("purchases__purchased_at")).filter(came_at__isnull=False)
    first = rows.order_by("came_at", "pk")[:customers].values_list("customer_id", "came_at")
    coming = sorted((came_at + _time_of_day(key), key) for key, came_at in first)
    driven, waiting = Driven(len(coming)), set[str]()
    pace = Pace(speed=speed, begins_at=coming[0][0]) if coming else None
    yield driven
    for came_at, customer_id in coming:
        if pace and (seconds := pace.seconds_until(came_at)):
            sleep(seconds)
        driven.asked += 1
        if profile_answer(customer_id=customer_id).state == State.READY:
            driven.at_once += 1
        else:
            waiting.add(customer_id)
        yield driven
    yield from _awaited(driven, waiting, patience_seconds, sleep)


def _awaited(driven: Driven, waiting: set[str], patience_seconds: float, sleep: Sleep) -> Iterator[Driven]:
    until = time.monotonic() + patience_seconds
    while True:
        asked = ProfileRequest.objects.filter(customer__customer_id__in=waiting)
        for row in asked.filter(state=State.READY).select_related("customer"):
            waiting.discard(row.customer.customer_id)
            _note(driven, row)
        yield driven
        if not waiting or time.monotonic() >= until:
            return
        sleep(POLL_SECONDS)


def _note(driven: Driven, row: ProfileRequest) -> None:
    driven.ready += 1
    seconds = ((row.answered_at or timezone.now()) - row.requested_at).total_seconds()
    driven.waits.setdefault(row.segment or "unknown", []).append(seconds)


def _time_of_day(customer_id: str) -> dt.timedelta:
    drawn = int.from_bytes(hashlib.sha256(customer_id.encode()).digest()[:4], "big")
    return dt.timedelta(seconds=drawn % DAY_SECONDS)
