"""What a customer did lately: purchases on record and events, each told once."""

import datetime as dt
from decimal import Decimal

import pytest

from features.activity.accepting import accept_events
from features.activity.replay import replay
from features.activity.shapes import ActivityInput
from features.models import Customer
from features.queries.customer_facts import recent_events
from tests.factories import CustomerFactory, PurchaseFactory

pytestmark = pytest.mark.django_db
DAY = dt.datetime(1997, 2, 1, tzinfo=dt.UTC)


@pytest.fixture
def customer() -> Customer:
    return CustomerFactory.create(customer_id="00007", joined_at=DAY)


def told() -> list[tuple[str, float]]:
    return [(each.kind, each.amount) for each in recent_events("00007")]


def buy(at: dt.datetime, amount: str) -> None:
    bought = ActivityInput("purchase", at, "00007", "CH", amount=Decimal(amount))
    accept_events(events=[bought])


def test_a_replayed_purchase_is_told_once(customer: Customer) -> None:
    for amount in ("11.77", "11.77", "5.00"):  # two alike on one day
        PurchaseFactory.create(customer=customer, purchased_at=DAY, amount=amount)
    PurchaseFactory.create(customer=customer, purchased_at=DAY + dt.timedelta(days=3), amount="11.77")
    purchases = [("purchase", 5.0), *[("purchase", 11.77)] * 3]
    assert sorted(told()) == purchases
    list(replay())
    assert sorted(told()) == [*purchases, ("signup", 0.0)]


def test_a_purchase_of_another_amount_or_day_is_told_beside_the_event(customer: Customer) -> None:
    PurchaseFactory.create(customer=customer, purchased_at=DAY, amount="10.00")
    buy(DAY + dt.timedelta(hours=9), "12.00")
    buy(DAY + dt.timedelta(days=1), "10.00")
    assert told() == [("purchase", 10.0), ("purchase", 12.0), ("purchase", 10.0)]


def test_an_event_tells_of_one_of_two_purchases_alike(customer: Customer) -> None:
    PurchaseFactory.create_batch(2, customer=customer, purchased_at=DAY, amount="10.00")
    buy(DAY + dt.timedelta(hours=9), "10.00")
    assert [each.at.hour for each in recent_events("00007")] == [9, 0]


def test_a_purchase_with_its_time_is_the_event_of_that_time_alone(customer: Customer) -> None:
    PurchaseFactory.create(customer=customer, purchased_at=DAY + dt.timedelta(hours=9), amount="10.00")
    buy(DAY + dt.timedelta(hours=9), "10.00")
    buy(DAY + dt.timedelta(hours=10), "10.00")
    assert [each.at.hour for each in recent_events("00007")] == [10, 9]
