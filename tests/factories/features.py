import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from features.models import (
    Address,
    City,
    Country,
    Customer,
    CustomerScore,
    Entity,
    Feature,
    FeatureValue,
    FeatureView,
    Film,
    Onboarding,
    ProfileRequest,
    Purchase,
    Rating,
    Viewer,
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


class CustomerScoreFactory(DjangoModelFactory[CustomerScore]):
    """An active customer; ``customer__customer_id=`` says which, and so on."""

    class Meta:
        model = CustomerScore

    customer = factory.SubFactory(CustomerFactory)
    as_of = dt.datetime(1998, 7, 1, tzinfo=dt.UTC)
    recency_days = 10
    frequency = 3
    monetary = "120.00"
    r = 5
    f = 4
    m = 4
    segment = "active"
    p_alive = 0.9
    expected_purchases = 3.5
    expected_spend = 30.0
    lifetime_value = 100.0
    churn_probability = 0.2
    run_id = "a" * 32
    computed_at = dt.datetime(1998, 7, 1, 1, tzinfo=dt.UTC)


class OnboardingFactory(DjangoModelFactory[Onboarding]):
    class Meta:
        model = Onboarding

    customer_id = factory.Sequence("new-{}".format)
    name = factory.Sequence("Newcomer {}".format)
    email = factory.Sequence("newcomer.{}@example.com".format)
    city_name = "Lyon"
    country_code = "FR"
    joined_at = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)


class ProfileRequestFactory(DjangoModelFactory[ProfileRequest]):
    class Meta:
        model = ProfileRequest

    customer = factory.SubFactory(CustomerFactory)
    priority = 5
    requested_at = dt.datetime(1998, 7, 1, tzinfo=dt.UTC)


class ViewerFactory(DjangoModelFactory[Viewer]):
    class Meta:
        model = Viewer

    viewer_id = factory.Sequence("{}".format)
    age = 30
    occupation = "writer"


class FilmFactory(DjangoModelFactory[Film]):
    class Meta:
        model = Film

    film_id = factory.Sequence(lambda n: n + 1)
    title = factory.Sequence("Film {}".format)
    released_in = 1995


class RatingFactory(DjangoModelFactory[Rating]):
    class Meta:
        model = Rating

    viewer = factory.SubFactory(ViewerFactory)
    film = factory.SubFactory(FilmFactory)
    stars = 4
    rated_at = dt.datetime(1998, 1, 1, tzinfo=dt.UTC)


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
