"""Accepting events: the record of each in PostgreSQL, and what is owed to the exchange, in one transaction.

An event that was accepted before is known by its id and left alone, whoever sends it again, so nothing
after this counts or keeps it twice.
"""

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from features.models import ActivityEvent, Customer, EventBatch
from features.models.activity import UNKNOWN_COUNTRY
from registry.crash_points import crash_point
from registry.documents.event_buckets import cut
from registry.exceptions import BadInputError
from registry.messaging.promising import Promised, promise
from registry.messaging.topology import Exchanges
from registry.services.events import event_size

from .shapes import ActivityInput, as_message, check, data_size, refuse

MOST_AT_ONCE = 5_000
BESIDE_DATA = 400  # bytes: id, customer, time, place
MESSAGE = "activity.events"
# In order of id, so that two who send the same events wait for each other instead of both failing.
INSERT = """
INSERT INTO features_activityevent (event_id, batch_id, customer_id, at, amount)
SELECT * FROM unnest(%(ids)s::uuid[], %(batches)s::int8[], %(customers)s::text[], %(times)s::timestamptz[],
    %(amounts)s::numeric[]) AS each (event_id, batch_id, customer_id, at, amount)
ORDER BY event_id
ON CONFLICT (event_id) DO NOTHING RETURNING event_id
"""
Batches = list[tuple[EventBatch, list[ActivityInput]]]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of events: ``known`` ones had come before."""

    new: int
    known: int
    batches: int


def accept_events(*, events: Sequence[ActivityInput]) -> Accepted:
    """Record events and promise them to the consumers: all of the new ones, or none (one transaction).

    An event of a customer that names no country gets that of the customer's address, as of now.

    Raises:
        BadInputError: there are too many, or some can't be taken; it says which and why.
    """
    if len(events) > MOST_AT_ONCE:
        raise BadInputError(f"{len(events):,} events at once; send at most {MOST_AT_ONCE:,}.")
    _check_all(events)
    with transaction.atomic():
        unknown = _not_known(events)
        batches = _store(list(_grouped(_placed(list(unknown.values())))))
        promise([_promised(batch, inside) for batch, inside in batches])
        crash_point("activity.before_commit")
    crash_point("activity.after_commit")
    new = sum(len(inside) for _, inside in batches)
    return Accepted(new, len(events) - new, len(batches))


def _check_all(events: Sequence[ActivityInput]) -> None:
    problems = []
    for place, event in enumerate(events):
        try:
            check(event)
        except BadInputError as error:
            problems.append(f"events[{place}]: {error}")
    refuse(problems, of=len(events))


def _not_known(events: Sequence[ActivityInput]) -> dict[str, ActivityInput]:
    by_id: dict[str, ActivityInput] = {}
    for event in events:
        by_id.setdefault(event.event_id, event)
    ids = [uuid.UUID(each) for each in by_id]
    for known in ActivityEvent.objects.filter(pk__in=ids).values_list("pk", flat=True):
        del by_id[known.hex]
    return by_id


def _placed(events: Sequence[ActivityInput]) -> list[ActivityInput]:
    """The events, each with a country: where it names none, the customer's, with where they live."""
    homeless = {each.customer_id for each in events if each.customer_id and not each.country}
    city = "address__city__"
    rows = Customer.objects.filter(customer_id__in=homeless, address__isnull=False).values_list(
        "customer_id", f"{city}country__code", f"{city}longitude", f"{city}latitude"
    )
    homes = {key: (country, (longitude, latitude)) for key, country, longitude, latitude in rows}
    return [_at_home(each, homes) if not each.country else each for each in events]


def _at_home(event: ActivityInput, homes: Mapping[str, tuple[str, tuple[float, float]]]) -> ActivityInput:
    country, location = homes.get(event.customer_id, (UNKNOWN_COUNTRY, None))
    return replace(event, country=country, location=event.location or location)


def _grouped(events: Sequence[ActivityInput]) -> Iterator[list[ActivityInput]]:
    """Events of one kind and country in order of time, at most 500 and about 4 MB together."""
    groups: dict[tuple[str, str], list[ActivityInput]] = defaultdict(list)
    for event in sorted(events, key=lambda each: each.at):
        groups[event.kind, event.country].append(event)
    for group in groups.values():
        yield from cut(group, size=_size)


def _size(event: ActivityInput) -> int:
    """What an event adds to the larger of its two: the message (JSON), or the bucket (BSON)."""
    return max(event_size(event.raw), data_size(event.data)) + BESIDE_DATA


def _store(groups: Sequence[list[ActivityInput]]) -> Batches:
    """The batches with the events that are really new."""
    batches = EventBatch.objects.bulk_create(
        EventBatch(kind=group[0].kind, country=group[0].country, events=len(group)) for group in groups
    )
    stored = _insert(list(zip(batches, groups, strict=True)))
    kept = []
    for batch, group in zip(batches, groups, strict=True):
        inside = [each for each in group if each.event_id in stored]
        if len(inside) != len(group):  # somebody else accepted some of them this very moment
            batch.events = len(inside)
            batch.save(update_fields=["events"]) if inside else batch.delete()
        if inside:
            kept.append((batch, inside))
    return kept


def _insert(batches: Batches) -> set[str]:
    rows = [(batch.pk, each) for batch, group in batches for each in group]
    values: dict[str, Any] = {
        "ids": [each.event_id for _, each in rows],
        "batches": [batch for batch, _ in rows],
        "customers": [each.customer_id for _, each in rows],
        "times": [each.at for _, each in rows],
        "amounts": [Decimal(each.cents) / 100 for _, each in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        return {event_id.hex for (event_id,) in cursor.fetchall()}


def _promised(batch: EventBatch, events: Sequence[ActivityInput]) -> Promised:
    key = f"{batch.kind}.{batch.country.lower()}"
    body = as_message(events, batch.batch_id)
    return Promised(MESSAGE, body, Exchanges.EVENTS, routing_key=key, key=batch.batch_id)
