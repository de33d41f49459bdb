"""CDNOW's customers and purchases into PostgreSQL, with made-up people in real cities."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from features.models import Address, City, Customer, Purchase
from features.seeding import cdnow
from features.seeding.places import Atlas, cities
from features.seeding.synthetic import Person, person
from features.services.places import store_places

BATCH = 2_000  # customers a transaction: a killed seeding leaves whole customers only

History = tuple[str, Sequence[cdnow.Transaction]]


def absent_customers() -> list[History]:
    """CDNOW's customers that PostgreSQL does not have yet, each with all their purchases."""
    known = set(Customer.objects.values_list("customer_id", flat=True).iterator())
    by_customer = groupby(cdnow.transactions(), attrgetter("customer_id"))
    return [(key, list(bought)) for key, bought in by_customer if key not in known]


def store_customers(histories: Sequence[History]) -> Iterator[int]:
    """Stores addresses, customers and purchases; yields how many customers each batch stored."""
    if not histories:
        return
    atlas = Atlas(cities())
    places = store_places(atlas.places)
    for start in range(0, len(histories), BATCH):
        batch = histories[start : start + BATCH]
        with transaction.atomic():
            _store_batch(batch, [person(key, atlas) for key, _ in batch], places)
        yield len(batch)


def _store_batch(batch: Sequence[History], people: Sequence[Person], places: Mapping[int, City]) -> None:
    addresses = Address.objects.bulk_create(
        Address(
            city=places[someone.place.geonames_id],
            street=someone.street,
            postal_code=someone.postal_code,
            is_synthetic=True,
        )
        for someone in people
    )
    customers = Customer.objects.bulk_create(
        Customer(
            customer_id=key,
            name=someone.name,
            email=someone.email,
            address=address,
            joined_at=bought[0].purchased_at,
            is_synthetic=True,
        )
        for (key, bought), someone, address in zip(batch, people, addresses, strict=True)
    )
    Purchase.objects.bulk_create(
        Purchase(
            customer=customer,
            purchased_at=bought.purchased_at,
            quantity=bought.quantity,
            amount=bought.amount,
        )
        for customer, (_, history) in zip(customers, batch, strict=True)
        for bought in history
    )
