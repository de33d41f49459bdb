import pytest

from features.models import Address, City, Customer, Purchase
from features.seeding.customers import BATCH, absent_customers, store_customers

pytestmark = pytest.mark.django_db


def test_customers_come_with_all_their_purchases() -> None:
    histories = absent_customers()[:3]
    assert list(store_customers(histories)) == [3]
    assert Purchase.objects.count() == sum(len(bought) for _, bought in histories)
    assert Customer.objects.get(customer_id="00002").purchases.count() == 2


def test_customers_that_are_there_are_not_stored_again() -> None:
    list(store_customers(absent_customers()[:5]))
    left = absent_customers()
    assert len(left) == 23_570 - 5
    assert "00005" not in {customer_id for customer_id, _ in left}


def test_storing_more_customers_keeps_the_cities_and_the_addresses() -> None:
    list(store_customers(absent_customers()[:2]))
    cities, addresses = list(City.objects.values()), set(Address.objects.values_list("pk", flat=True))
    list(store_customers(absent_customers()[:2]))
    assert list(City.objects.values()) == cities
    assert set(Address.objects.values_list("pk", flat=True)) > addresses


def test_a_stopped_seeding_leaves_whole_batches() -> None:
    stored = store_customers(absent_customers()[: 2 * BATCH])
    assert next(stored) == BATCH
    stored.close()
    assert Customer.objects.count() == Address.objects.count() == BATCH
    assert not Customer.objects.filter(purchases=None).exists()


def test_nothing_absent_stores_no_places() -> None:
    assert list(store_customers([])) == []
    assert not City.objects.exists()
