"""CDNOW's customers and purchases into PostgreSQL, with made-up people in real cities."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from features.models import Address, City, Country, Customer, Purchase
from features.seeding import cdnow
from features.seeding.places import Atlas, cities
from features.seeding.synthetic import Person, person

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
    places = _store_places(atlas)
    for start in range(0, len(histories), BATCH):
        batch = histories[start : start + BATCH]
        with transaction.atomic():
            _store_batch(batch, [person(key, atlas) for key, _ in batch], places)
        yield len(batch)


def _store_places(atlas: Atlas) -> Mapping[int, City]:
    names = {place.country_code: place.country_name for place in atlas.places}
    Country.objects.bulk_create(
        [Country(code=code, name=name) for code, name in names.items()], ignore_conflicts=True
    )
    countries = Country.objects.in_bulk(list(names), field_name="code")
    City.objects.bulk_create(
        [
            City(
                geonames_id=place.geonames_id,
                country=countries[place.country_code],
                name=place.name,
                latitude=place.latitude,
                longitude=place.longitude,
                population=place.population,
            )
            for place in atlas.places
        ],
        ignore_conflicts=True,
    )
    ids = [place.geonames_id for place in atlas.places]
    return City.objects.in_bulk(ids, field_name="geonames_id")


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
