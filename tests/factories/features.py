import datetime as dt

import factory
from factory.django import DjangoModelFactory

from features.models import Address, City, Country, Customer, Purchase


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
