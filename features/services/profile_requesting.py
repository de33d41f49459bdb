"""Asking for a customer's profile: one task however many ask."""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from features.models import Customer, ProfileRequest
from features.profile_requests.names import COMPUTE
from features.profile_requests.priorities import priority_of
from features.queries.customer_facts import CustomerFacts, RequestState
from registry.crash_points import crash_point
from registry.enums import OPEN_DELIVERIES
from registry.exceptions import NotFoundError
from registry.messaging import promise_task
from registry.messaging.awaited import is_awaited

State = ProfileRequest.State
OPEN = [state.value for state in OPEN_DELIVERIES]


def is_fresh(facts: CustomerFacts, *, now: dt.datetime) -> bool:
    """Whether the newest answer holds: young enough, and made of what is known now."""
    request = facts.request
    if request is None or request.computed_at is None or request.based_on != facts.based_on:
        return False
    return is_young(request.computed_at, now=now)


def is_young(computed_at: dt.datetime, *, now: dt.datetime) -> bool:
    """Whether an answer may still be given, as far as its age goes."""
    return now - computed_at < dt.timedelta(seconds=settings.PROFILE_MAX_AGE_SECONDS)


def is_under_way(facts: CustomerFacts, *, now: dt.datetime) -> bool:
    """Whether an answer is to come, or was refused so lately that asking again is too early."""
    request = facts.request
    if request is None or request.state == State.READY:
        return False
    is_recent = now - request.requested_at < dt.timedelta(seconds=settings.PROFILE_RETRY_SECONDS)
    return is_recent or not is_given_up(request)


def is_given_up(request: RequestState) -> bool:
    """Whether nobody computes what is asked for any more: its message died, was dropped, or is gone.

    The answer and its delivery's end commit together, so what waits without an open delivery is lost.
    """
    return request.state == State.WAITING and request.delivery not in OPEN


def request_profile(*, customer_id: str, segment: str = "") -> ProfileRequest:
    """Promise the task that computes a profile; while one is under way it is that one.

    The row and the promise commit together (outbox), so a request that is on record is never lost, and
    one that was rolled back is never run.

    Args:
        segment: the customer's, which says how urgent it is; empty where none is known.

    Raises:
        NotFoundError: there is no such customer, or none any more.
    """
    try:
        with transaction.atomic():
            return _requested(customer_id, segment)
    except IntegrityError as error:  # deleted in this moment
        raise _no_customer(customer_id) from error


def _requested(customer_id: str, segment: str) -> ProfileRequest:
    customer = Customer.objects.filter(customer_id=customer_id).first()
    if customer is None:
        raise _no_customer(customer_id)
    now, priority = timezone.now(), priority_of(segment)
    fresh = ProfileRequest(customer=customer, priority=priority, requested_at=now, number=0)
    # who comes second waits here for the first, then finds the promise
    ProfileRequest.objects.bulk_create([fresh], ignore_conflicts=True)
    row = ProfileRequest.objects.select_for_update().filter(customer=customer).first()
    if row is None:
        raise _no_customer(customer_id)
    if row.number and row.state == State.WAITING and is_awaited(row.message_id):
        return row
    row.number += 1
    row.message_id = promise_task(
        COMPUTE,
        key=f"{customer_id}:{customer.pk}:{row.number}",
        priority=priority,
        customer_id=customer_id,
        number=row.number,
    )
    row.state, row.answered_at = State.WAITING, None
    row.segment, row.priority, row.requested_at = segment, priority, now
    row.save()
    crash_point("write.before_commit")
    return row


def _no_customer(customer_id: str) -> NotFoundError:
    return NotFoundError(f"There is no customer {customer_id[:100]!r}.")
