"""Something of everything that the page of activity shows."""

import datetime as dt
import uuid
from decimal import Decimal

from django.db.models.functions import Now

from features.activity.accepting import accept_events
from features.activity.counting import make_counters
from features.activity.shapes import ActivityInput
from features.models import Alert, Customer, EventBatch
from registry.fields import new_hex_id
from tests.factories import CustomerFactory, CustomerScoreFactory, OnboardingFactory

AT = dt.datetime(1997, 2, 14, 18, 30, tzinfo=dt.UTC)


def fill_activity(number: int = 1, **given: str) -> Customer:
    """So many customers, each of whom bought for 40 dollars more than the one before; returns the last."""
    made = [CustomerFactory.create(name=f"Grace <Hopper> {n}", **given) for n in range(number)]
    accept_events(events=[_purchase(each, 40 * (n + 1)) for n, each in enumerate(made)])
    EventBatch.objects.update(counted_at=Now())
    make_counters()
    for each in made:
        _alert(each)
        CustomerScoreFactory.create(customer=each)
        OnboardingFactory.create(name=each.name)
    return made[-1]


def _purchase(customer: Customer, amount: int) -> ActivityInput:
    return ActivityInput("purchase", AT, customer.customer_id, "US", amount=Decimal(amount))


def _alert(customer: Customer) -> Alert:
    return Alert.objects.create(
        alert_id=new_hex_id(),
        rule_name="large",
        title="A large purchase",
        severity="urgent",
        kind="purchase",
        country="US",
        customer_id=customer.customer_id,
        event_id=uuid.uuid4(),
        value=Decimal(512),
        at_least=Decimal(500),
        at=AT,
    )
