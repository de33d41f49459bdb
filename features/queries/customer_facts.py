"""What PostgreSQL knows of a customer, with the state of their request."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson
from django.db import connection

from registry.exceptions import NotFoundError

# The score's segment decides the priority, the delivery tells of a task that is given up.
FACTS = """
SELECT u.customer_id, u.name, coalesce(c.name, ''), coalesce(o.name, ''), u.joined_at, u.is_synthetic,
    p.purchases, p.spent, p.last_at, coalesce(s.segment, ''), s.computed_at,
    q.state, q.number, q.segment, q.priority, q.message_id, q.requested_at, q.answered_at,
    q.facts, q.based_on, q.computed_at, coalesce(d.state, ''), coalesce(d.reason, ''),
    coalesce(d.attempts, 0), coalesce(d.last_error, '')
FROM features_customer u
LEFT JOIN features_address a ON a.id = u.address_id
LEFT JOIN features_city c ON c.id = a.city_id
LEFT JOIN features_country o ON o.id = c.country_id
LEFT JOIN features_customerscore s ON s.customer_id = u.id
LEFT JOIN features_profilerequest q ON q.customer_id = u.id
LEFT JOIN registry_message m ON m.message_id = nullif(q.message_id, '')::uuid
LEFT JOIN registry_delivery d ON d.message_id = m.id
CROSS JOIN LATERAL (
    SELECT count(*) AS purchases, coalesce(sum(amount), 0) AS spent, max(purchased_at) AS last_at
    FROM features_purchase WHERE customer_id = u.id
) p
WHERE u.customer_id = %s
"""
# A purchase that came as an event, too, is told once, by the event. The source may know the purchase's day
# alone (midnight), the event a time of that day; of two alike on a day, one event tells of one.
EVENTS = """
(SELECT b.kind, e.at, e.amount FROM features_activityevent e JOIN features_eventbatch b ON b.id = e.batch_id
    WHERE e.customer_id = %(customer)s AND e.customer_id <> '' ORDER BY e.at DESC LIMIT %(most)s)
UNION ALL
(SELECT 'purchase', p.at, p.amount FROM (
    SELECT p.purchased_at AS at, p.amount,
        row_number() OVER (PARTITION BY p.purchased_at, p.amount) AS number,
        p.purchased_at + CASE WHEN p.purchased_at = date_trunc('day', p.purchased_at, 'UTC')
            THEN interval '1 day' ELSE interval '1 microsecond' END AS until
    FROM features_purchase p JOIN features_customer u ON u.id = p.customer_id
    WHERE u.customer_id = %(customer)s
) p WHERE p.number > (
    SELECT count(*) FROM features_activityevent e
    JOIN features_eventbatch b ON b.id = e.batch_id AND b.kind = 'purchase'
    WHERE e.customer_id = %(customer)s AND e.customer_id <> '' AND e.amount = p.amount
        AND e.at >= p.at AND e.at < p.until
) ORDER BY p.at DESC LIMIT %(most)s)
ORDER BY 2 DESC, 1 LIMIT %(most)s
"""
MOST_EVENTS = 10


@dataclass(frozen=True)
class RequestState:
    """The newest request; ``delivery`` is what became of its message (registry.models.Delivery)."""

    state: str
    number: int
    segment: str
    priority: int
    message_id: str
    requested_at: dt.datetime
    answered_at: dt.datetime | None
    facts: dict[str, Any] | None
    based_on: str
    computed_at: dt.datetime | None
    delivery: str
    delivery_reason: str
    attempts: int
    last_error: str


@dataclass(frozen=True)
class CustomerFacts:
    """A customer; ``spent`` in US dollars; ``segment`` is empty before they were scored."""

    customer_id: str
    name: str
    city: str
    country: str
    joined_at: dt.datetime
    is_synthetic: bool
    purchases: int
    spent: float
    last_purchase_at: dt.datetime | None
    segment: str
    scored_at: dt.datetime | None
    request: RequestState | None

    @property
    def based_on(self) -> str:
        """Changes with what the predictions are made of."""
        times = [at and at.isoformat() for at in (self.last_purchase_at, self.scored_at)]
        told = (self.purchases, self.spent, *times)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class CustomerEvent:
    """Something that a customer did; ``amount`` in US dollars."""

    kind: str
    at: dt.datetime
    amount: float


def customer_facts(customer_id: str) -> CustomerFacts:
    """One customer with the newest request (one statement).

    Raises:
        NotFoundError: there is no such customer.
    """
    with connection.cursor() as cursor:
        cursor.execute(FACTS, [customer_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFoundError(f"There is no customer {customer_id[:100]!r}.")
    names = [each.name for each in fields(CustomerFacts)[:-1]]
    known = dict(zip(names, row, strict=False)) | {"request": _request(row[len(names) :])}
    return CustomerFacts(**known | {"spent": float(known["spent"])})


def _request(row: Sequence[Any]) -> RequestState | None:
    told = dict(zip((each.name for each in fields(RequestState)), row, strict=True))
    if told["state"] is None:
        return None
    facts = told["facts"]
    return RequestState(**told | {"facts": None if facts is None else orjson.loads(facts)})


def recent_events(customer_id: str) -> list[CustomerEvent]:
    """The newest ten: purchases, and what came as events; what is both is one (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, {"customer": customer_id, "most": MOST_EVENTS})
        return [CustomerEvent(kind, at, float(amount)) for kind, at, amount in cursor.fetchall()]
