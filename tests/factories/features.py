import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from features.models import (
    Address,
    City,
    Country,
    Customer,
    Entity,
    Feature,
    FeatureValue,
    FeatureView,
    Purchase,
)


class CountryFactory(DjangoModelFactory[Country]):
    class Meta:
        model = Country
        django_get_or_create = ("code",)

    code = "US"
    name = "United States"


class CityFactory(DjangoModelFactory[City]):
    class Meta:
        model = City

    geonames_id = factory.Sequence(lambda n: n + 1)
    country = factory.SubFactory(CountryFactory)
    name = factory.Sequence("city-{}".format)
    latitude = 40.7
    longitude = -74.0
    population = 1_000


class AddressFactory(DjangoModelFactory[Address]):
    class Meta:
        model = Address

    city = factory.SubFactory(CityFactory)
    street = "1 Main Street"


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    customer_id = factory.Sequence("{:05d}".format)
    name = factory.Sequence("Customer {}".format)
    address = factory.SubFactory(AddressFactory)
    joined_at = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)


class PurchaseFactory(DjangoModelFactory[Purchase]):
    class Meta:
        model = Purchase

    customer = factory.SubFactory(CustomerFactory)
    purchased_at = dt.datetime(1997, 2, 1, tzinfo=dt.UTC)
    quantity = 1
    amount = "10.00"


def feature_view(name: str = "spending", *, version: int = 1, **named: Any) -> FeatureView:
    """A view of customers with one feature: ``total``, a float; ``features=`` says others, name to type."""
    features = named.pop("features", {"total": "float"})
    entity, _ = Entity.objects.get_or_create(name="customer", defaults={"join_keys": ["customer_id"]})
    view = FeatureView.objects.create(name=name, version=version, entity=entity, **named)
    for position, (feature, value_type) in enumerate(features.items()):
        Feature.objects.create(view=view, name=feature, value_type=value_type, position=position)
    return view


def feature_value(view: FeatureView, key: str, at: dt.datetime, *values: Any) -> FeatureValue:
    return FeatureValue.objects.create(view=view, entity_key=key, event_at=at, values=list(values))
