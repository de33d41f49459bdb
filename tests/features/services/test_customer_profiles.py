import pytest
from django.db import connection as postgresql
from django.test.utils import CaptureQueriesContext

from features import keys
from features.caches import PROFILES
from features.models import Customer
from features.online import connection, leases, profiles
from features.services.customer_profiles import CustomerProfile, cache_profile, customer_profile
from registry.exceptions import NotFoundError, StoreUnavailableError
from tests.factories import PurchaseFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_keys")]


@pytest.fixture
def customer() -> Customer:
    purchase = PurchaseFactory.create(amount="10.50")
    customer: Customer = purchase.customer
    return customer


def test_a_profile_is_a_hash_with_a_time_to_live_and_read_once(customer: Customer) -> None:
    first, second = customer_profile(customer.customer_id), customer_profile(customer.customer_id)
    assert (first.source, second.source) == ("source", "redis")
    assert (first.name, first.frequency, first.monetary) == (customer.name, "1", "10.50")
    key = keys.profile(customer.customer_id)
    assert connection.cache().hget(key, "monetary") == b"10.50"
    assert 0 < connection.cache().ttl(key) <= PROFILES.seconds
    with CaptureQueriesContext(postgresql) as captured:
        customer_profile(customer.customer_id)
    assert len(captured) == 0


def test_a_change_is_seen_at_once(customer: Customer) -> None:
    def now() -> CustomerProfile:
        customer_profile(customer.customer_id)
        return customer_profile(customer.customer_id)

    assert now().frequency == "1"
    PurchaseFactory.create(customer=customer, amount="1.50")
    assert (now().frequency, now().monetary) == ("2", "12.00")
    customer.name = "Another name"
    customer.save()
    assert now().name == "Another name"
    if customer.address:
        customer.address.city.save()
        customer.address.save()
    assert customer_profile(customer.customer_id).source == ("source" if customer.address else "redis")


def test_a_reader_that_was_overtaken_by_a_change_fills_nothing(customer: Customer) -> None:
    overtaken = profiles.look_up(customer.customer_id)
    customer.save()
    assert not profiles.fill(customer.customer_id, overtaken.token, {"name": "old"})
    assert profiles.look_up(customer.customer_id).fields == {}


def test_who_is_not_there_is_not_found_and_not_remembered() -> None:
    for _ in range(2):
        with pytest.raises(NotFoundError):
            customer_profile("nobody")
    assert connection.cache().keys(f"{keys.profile('nobody')}*") == []


def test_without_redis_the_record_answers(customer: Customer, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> list[object]:
        raise connection.RedisSuspendedError

    for module in (leases, profiles):
        monkeypatch.setattr(module, "run_script", away)
    assert customer_profile(customer.customer_id).source == "source"
    assert not profiles.fill(customer.customer_id, "a token", {"name": "x"})
    with pytest.raises(StoreUnavailableError, match="not cached yet"):
        cache_profile(customer.customer_id)


def test_a_profile_is_cached_ahead_of_its_first_reader(customer: Customer) -> None:
    for _ in range(2):
        cache_profile(customer.customer_id)
    assert customer_profile(customer.customer_id).source == "redis"
    with pytest.raises(NotFoundError):
        cache_profile("nobody")


def test_caching_that_a_change_overtook_is_for_later(
    customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "fill", lambda *_: False)
    with pytest.raises(StoreUnavailableError, match="while it was cached"):
        cache_profile(customer.customer_id)
