"""CDNOW once more, as events: sign-ups and purchases in order of time, at a chosen speed.

The source knows the day alone; the time of day is made up, the same way each time, and marked so. An
event's id hangs on what it is, so whoever begins again goes on where nothing is known yet.
"""

import datetime as dt
import hashlib
import math
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby, islice
from operator import attrgetter, itemgetter
from typing import Any

from django.db.models import F, QuerySet

from features.models import Customer, EventKind, Purchase
from features.pacing import Pace

from .accepting import MOST_AT_ONCE, accept_events
from .shapes import ActivityInput

DAY_SECONDS, FIRST_SECOND = 86_400, 3_600
TICK_SECONDS = 0.25
READ_AT_ONCE = 5_000
NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
COLUMNS = {
    "at": F("purchased_at"),
    "key": F("customer__customer_id"),
    "joined_at": F("customer__joined_at"),
    "country": F("customer__address__city__country__code"),
    "city": F("customer__address__city__name"),
    "longitude": F("customer__address__city__longitude"),
    "latitude": F("customer__address__city__latitude"),
}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replayed:
    """How far a replay is; ``at`` is the clock of the events."""

    done: int
    total: int
    new: int
    known: int
    batches: int
    at: dt.datetime | None


def replay(
    *,
    speed: float = math.inf,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    limit: int | None = None,
    is_dry: bool = False,
) -> Iterator[Replayed]:
    """Replay purchases of ``since`` to ``until`` (not with it), and the sign-ups of who came then.

    Args:
        speed: seconds of the events' clock a second; infinity: as fast as they are taken. What was accepted
            before is passed over without waiting.
        limit: at most so many events.
        is_dry: only say how many there are.
    """
    purchases = _purchases(since, until)
    total = _total(purchases, since, until, limit)
    new = known = batches = done = 0
    yield Replayed(done, total, new, known, batches, None)
    if is_dry:
        return
    pace: Pace | None = None
    for events in _portions(islice(_events(purchases), limit), speed):
        pace = pace or Pace(speed=speed, begins_at=events[0].at)
        time.sleep(pace.seconds_until(events[0].at))
        accepted = accept_events(events=events)
        if not accepted.new:
            pace = None  # what was known took no time: from the next on
        done, new, known = done + len(events), new + accepted.new, known + accepted.known
        batches += accepted.batches
        yield Replayed(done, total, new, known, batches, events[-1].at)


def _purchases(since: dt.datetime | None, until: dt.datetime | None) -> QuerySet[Purchase]:
    found = Purchase.objects.all()
    if since is not None:
        found = found.filter(purchased_at__gte=since)
    return found.filter(purchased_at__lt=until) if until is not None else found


def _total(
    purchases: QuerySet[Purchase], since: dt.datetime | None, until: dt.datetime | None, limit: int | None
) -> int:
    joined = Customer.objects.filter(purchases__purchased_at=F("joined_at"), joined_at__lt=until or NEVER)
    if since is not None:
        joined = joined.filter(joined_at__gte=since)
    total = purchases.count() + joined.distinct().count()
    return total if limit is None else min(total, limit)


def _events(purchases: QuerySet[Purchase]) -> Iterator[ActivityInput]:
    """Day by day, in order of time."""
    rows: Any = purchases.order_by("purchased_at", "customer", "amount", "quantity", "id").values(
        "quantity", "amount", **COLUMNS
    )
    joined: set[str] = set()
    for _, day in groupby(rows.iterator(chunk_size=READ_AT_ONCE), itemgetter("at")):
        yield from sorted(_of_day(day, joined), key=attrgetter("at", "event_id"))


def _of_day(rows: Iterator[Row], joined: set[str]) -> Iterator[ActivityInput]:
    times: Counter[str] = Counter()
    for row in rows:
        key = row["key"]
        times[key] += 1
        digest = hashlib.sha256(f"{key}:{row['at']:%Y%m%d}:{times[key]}".encode()).hexdigest()
        second = FIRST_SECOND + int(digest[-8:], 16) % (DAY_SECONDS - FIRST_SECOND)
        at = row["at"] + dt.timedelta(seconds=second)
        if key not in joined and row["joined_at"] == row["at"]:
            before = dt.timedelta(seconds=int(digest[:8], 16) % FIRST_SECOND)
            yield _event(EventKind.SIGNUP, row, row["at"] + before, digest)
        joined.add(key)
        yield _event(EventKind.PURCHASE, row, at, digest)


def _event(kind: EventKind, row: Row, at: dt.datetime, digest: str) -> ActivityInput:
    is_purchase = kind == EventKind.PURCHASE
    place = (row["longitude"], row["latitude"]) if row["longitude"] is not None else None
    bought = {"quantity": row["quantity"]} if is_purchase else {}
    return ActivityInput(
        kind=kind.value,
        at=at,
        customer_id=row["key"],
        country=row["country"] or "",
        location=place,
        amount=row["amount"] if is_purchase else Decimal(0),
        data={"city": row["city"] or "", "is_time_synthetic": True, **bought},
        event_id=hashlib.sha256(f"cdnow:{kind}:{digest}".encode()).hexdigest()[:32],
    )


def _portions(events: Iterator[ActivityInput], speed: float) -> Iterator[list[ActivityInput]]:
    """What is accepted together: what happens within a tick of the wall's clock, or as much as goes."""
    span = dt.timedelta(seconds=TICK_SECONDS * speed) if math.isfinite(speed) else None
    portion: list[ActivityInput] = []
    for event in events:
        is_over = span is not None and bool(portion) and event.at - portion[0].at >= span
        if is_over or len(portion) == MOST_AT_ONCE:
            yield portion
            portion = []
        portion.append(event)
    if portion:
        yield portion
