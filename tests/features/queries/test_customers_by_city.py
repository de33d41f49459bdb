from decimal import Decimal
from typing import Any

import pytest

from features.queries.customers_by_city import CityCustomers, customers_by_city
from tests.factories import AddressFactory, CityFactory, CountryFactory, CustomerFactory, PurchaseFactory

pytestmark = pytest.mark.django_db


def test_cities_are_by_revenue_over_four_tables() -> None:
    bern = CityFactory(name="Bern", country=CountryFactory(code="CH", name="Switzerland"))
    oslo = CityFactory(name="Oslo", country=CountryFactory(code="NO", name="Norway"))
    for amounts in (["10.00", "5.50"], ["1.00"]):
        customer = CustomerFactory(address=AddressFactory(city=bern))
        for amount in amounts:
            PurchaseFactory(customer=customer, amount=amount)
    CustomerFactory(address=AddressFactory(city=oslo))
    CustomerFactory(address=None)
    assert customers_by_city() == [
        CityCustomers("CH", "Switzerland", "Bern", 2, 3, Decimal("16.50")),
        CityCustomers("NO", "Norway", "Oslo", 1, 0, Decimal(0)),
    ]
    assert [row.city for row in customers_by_city(country_code="NO")] == ["Oslo"]
    assert len(customers_by_city(limit=1)) == 1


@pytest.mark.parametrize("cities", [1, 20])
def test_it_is_one_statement_whatever_the_number_of_cities(
    cities: int, django_assert_num_queries: Any
) -> None:
    for _ in range(cities):
        PurchaseFactory()
    with django_assert_num_queries(1):
        assert len(customers_by_city()) == cities
