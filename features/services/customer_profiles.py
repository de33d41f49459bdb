"""A customer's profile: who they are, and what they bought (recency, frequency, monetary value)."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models.signals import post_delete, post_save

from features.models import Address, Customer, Purchase
from features.online import profiles
from registry.exceptions import NotFoundError, StoreUnavailableError

PROFILE = """
SELECT u.name, coalesce(c.name, ''), coalesce(o.name, ''), count(p.id)::text,
    coalesce(sum(p.amount), 0)::text,
    coalesce(to_char(max(p.purchased_at AT TIME ZONE 'UTC'), 'YYYY-MM-DD'), '')
FROM features_customer u
LEFT JOIN features_address a ON a.id = u.address_id
LEFT JOIN features_city c ON c.id = a.city_id
LEFT JOIN features_country o ON o.id = c.country_id
LEFT JOIN features_purchase p ON p.customer_id = u.id
WHERE u.customer_id = %s
GROUP BY u.id, c.id, o.id
"""
FIELDS = ("name", "city", "country", "frequency", "monetary", "last_purchase_on")


@dataclass(frozen=True, slots=True)
class CustomerProfile:
    """A customer; numbers as text, amounts in US dollars, ``source`` is ``redis`` or ``source``."""

    name: str
    city: str
    country: str
    frequency: str
    monetary: str
    last_purchase_on: str
    source: str


def customer_profile(customer_id: str) -> CustomerProfile:
    """A profile (one round trip where it is known; else one statement and a second one).

    Raises:
        NotFoundError: there is no such customer.
    """
    found = profiles.look_up(customer_id)
    if set(found.fields) == set(FIELDS):
        return CustomerProfile(**found.fields, source="redis")
    return CustomerProfile(**_filled(customer_id, found.token)[0], source="source")


def cache_profile(customer_id: str) -> None:
    """Have Redis hold a customer's profile, or another reader fill it (two round trips and a statement).

    Raises:
        NotFoundError: there is no such customer.
        StoreUnavailableError: Redis does not answer; to be tried again.
    """
    found = profiles.look_up(customer_id)
    if found.is_away:
        raise StoreUnavailableError("Redis (cache) does not answer, so the profile is not cached yet.")
    if found.token and not _filled(customer_id, found.token)[1]:
        raise StoreUnavailableError("The profile changed or Redis went away while it was cached.")


def _filled(customer_id: str, token: str) -> tuple[dict[str, str], bool]:
    """The profile as PostgreSQL has it, and whether Redis kept it under this token."""
    fields: dict[str, str] = {}
    is_kept = False
    try:
        with connection.cursor() as cursor:
            cursor.execute(PROFILE, [customer_id])
            row = cursor.fetchone()
        fields = dict(zip(FIELDS, row, strict=True)) if row else {}
    finally:
        is_kept = profiles.fill(customer_id, token, fields)
    if not fields:
        raise NotFoundError(f"There is no customer {customer_id[:100]!r}.")
    return fields, is_kept


def listen() -> None:
    """Forget profiles after changes by people; bulk loads of new customers need none."""
    for model in (Customer, Purchase, Address):
        for signal in (post_save, post_delete):
            signal.connect(_changed, sender=model, dispatch_uid="customer profile")


def _changed(instance: Customer | Purchase | Address, **_: Any) -> None:
    customer_ids = _customers_of(instance)
    transaction.on_commit(partial(profiles.forget, customer_ids), robust=True)


def _customers_of(instance: Customer | Purchase | Address) -> list[str]:
    if isinstance(instance, Customer):
        return [instance.customer_id]
    if isinstance(instance, Purchase):
        return [instance.customer.customer_id]
    return list(Customer.objects.filter(address=instance.pk).values_list("customer_id", flat=True))
