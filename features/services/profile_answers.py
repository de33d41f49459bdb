"""A customer's profile with predictions: from the cache, else from PostgreSQL, else promised."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import orjson
from django.utils import timezone

from features import keys
from features.caches import PROFILE_ANSWERS
from features.models import ProfileRequest
from features.online.read_through import forget_all, read_through
from features.queries.customer_facts import CustomerFacts, customer_facts, recent_events

from .profile_requesting import is_fresh, is_given_up, is_under_way, is_young, request_profile

State = ProfileRequest.State
REFUSED = "refused"  # no state of the request: its task is given up
A_MINUTE = 60
WAITING_A_SECOND = 20


@dataclass(frozen=True)
class ProfileAnswer:
    """A profile as it is known now.

    Attributes:
        state: ``ready``; ``waiting`` for a task that is promised; ``refused`` with the request's reason.
        source: ``redis`` or ``postgresql``.
        told: as JSON: ``profile``, ``events``, ``predictions`` (with ``computed_at``; None where nothing was
            computed yet, older ones where new ones are under way) and ``request``.
        retry_after_seconds: when to ask again, where an answer is to come.
    """

    state: str
    source: str
    told: dict[str, Any]
    retry_after_seconds: int = 0


def profile_answer(*, customer_id: str, is_asking: bool = True) -> ProfileAnswer:
    """What is known of a customer; what is missing or stale is promised (a hit takes one round trip).

    Args:
        is_asking: whether a task may be promised; else it is only looked.

    Raises:
        NotFoundError: there is no such customer.
        OperationalError, InterfaceError: PostgreSQL is away, and the cache has nothing.
    """
    seen: list[CustomerFacts] = []

    def read() -> bytes | None:
        facts = customer_facts(customer_id)
        seen.append(facts)
        if not is_fresh(facts, now=timezone.now()):
            return None
        return orjson.dumps(_told(facts))

    found = read_through(PROFILE_ANSWERS, keys.profile_answer(customer_id), read)
    if found.value is not None:
        told: dict[str, Any] = orjson.loads(found.value)
        if seen or is_young(_computed_at(told), now=timezone.now()):
            return ProfileAnswer(State.READY, "redis" if found.source == "redis" else "postgresql", told)
    return _unready(seen[-1] if seen else customer_facts(customer_id), is_asking=is_asking)


def warm(customer_id: str) -> None:
    """Have the cache hold what PostgreSQL holds now; without Redis nothing happens."""
    forget_all([keys.profile_answer(customer_id)])
    profile_answer(customer_id=customer_id, is_asking=False)


def _unready(facts: CustomerFacts, *, is_asking: bool) -> ProfileAnswer:
    if is_asking and not is_under_way(facts, now=timezone.now()):
        request_profile(customer_id=facts.customer_id, segment=facts.segment)
        facts = customer_facts(facts.customer_id)
    request = facts.request
    if request is not None and is_given_up(request):
        return ProfileAnswer(REFUSED, "postgresql", _told(facts))
    return ProfileAnswer(State.WAITING, "postgresql", _told(facts), _retry_after())


def _retry_after() -> int:
    """A second, and more where many wait (one statement)."""
    waiting = ProfileRequest.objects.filter(state=State.WAITING).count()
    return min(1 + waiting // WAITING_A_SECOND, A_MINUTE)


def _computed_at(told: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(told["predictions"]["computed_at"])


def _told(facts: CustomerFacts) -> dict[str, Any]:
    request = facts.request
    return {
        "customer_id": facts.customer_id,
        "profile": {
            "name": facts.name,
            "is_synthetic": facts.is_synthetic,
            "city": facts.city,
            "country": facts.country,
            "joined_at": facts.joined_at.isoformat(),
            "purchases": facts.purchases,
            "spent": facts.spent,
            "last_purchase_at": facts.last_purchase_at and facts.last_purchase_at.isoformat(),
        },
        "events": [
            {"kind": each.kind, "at": each.at.isoformat(), "amount": each.amount}
            for each in recent_events(facts.customer_id)
        ],
        "predictions": _predictions(facts),
        "request": request
        and {
            "message_id": request.message_id,
            "number": request.number,
            "segment": request.segment,
            "priority": request.priority,
            "requested_at": request.requested_at.isoformat(),
            "answered_at": request.answered_at and request.answered_at.isoformat(),
            "delivery": request.delivery,
            "attempts": request.attempts,
            "reason": request.delivery_reason or request.last_error,
        },
    }


def _predictions(facts: CustomerFacts) -> dict[str, Any] | None:
    request = facts.request
    if request is None or request.facts is None or request.computed_at is None:
        return None
    return {
        **request.facts,
        "computed_at": request.computed_at.isoformat(),
        "is_stale": not is_fresh(facts, now=timezone.now()),
    }
