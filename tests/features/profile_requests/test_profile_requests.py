"""Profiles on request: cache, record, promise, task, and what goes wrong in between."""

import datetime as dt
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection, transaction
from django.utils import timezone

from features.models import Customer, ProfileRequest
from features.online import profiles
from features.profile_requests.tasks import ask
from features.services.profile_answers import ProfileAnswer, profile_answer
from features.services.profile_computing import compute_profile
from features.services.profile_requesting import request_profile
from registry.exceptions import NotFoundError
from registry.messaging import Queues
from registry.messaging.dead_letters import Choice, drop
from registry.messaging.forgetting import forget_messages
from registry.models import Delivery, Message
from tests.factories import CustomerFactory, CustomerScoreFactory, PurchaseFactory
from tests.features.away import redis_is_away
from tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_keys", "broker")]
NOW = dt.datetime(1998, 7, 1, tzinfo=dt.UTC)


@pytest.fixture
def customer() -> Customer:
    scored = CustomerScoreFactory.create(customer__customer_id="00007", segment="vip")
    PurchaseFactory.create(customer=scored.customer, amount="12.50")
    return scored.customer


def asked(customer_id: str = "00007") -> ProfileAnswer:
    return profile_answer(customer_id=customer_id)


def value_of(answer: ProfileAnswer) -> Any:
    return answer.told["predictions"]["value"]


def test_a_profile_is_promised_then_computed_then_cached(customer: Customer) -> None:
    first = asked()
    assert (first.state, first.source, first.retry_after_seconds) == ("waiting", "postgresql", 1)
    assert first.told["profile"]["spent"] == 12.5
    assert [each["kind"] for each in first.told["events"]] == ["purchase"]
    assert first.told["predictions"] is None
    work(Queues.REQUESTS)
    ready = asked()
    assert (ready.state, ready.source) == ("ready", "redis")
    assert value_of(ready)["segment"] == "vip"
    assert ready.told["predictions"]["churn"]["reason"] == "No version of customer-churn is deployed."


def test_two_who_ask_wait_for_one_task(customer: Customer) -> None:
    assert asked().told["request"]["message_id"] == asked().told["request"]["message_id"]
    assert Message.objects.filter(name="profiles.compute").count() == 1


def test_the_segment_says_how_urgent_a_request_is(customer: Customer) -> None:
    dormant = CustomerScoreFactory.create(customer__customer_id="00008", segment="dormant").customer
    unknown = CustomerFactory.create(customer_id="00009")
    for each in (dormant, unknown, customer):
        asked(each.customer_id)
    priorities = Message.objects.order_by("-priority").values_list("priority", flat=True)
    assert list(priorities) == [9, 5, 3]
    work(Queues.REQUESTS)
    served = ProfileRequest.objects.order_by("answered_at").values_list("customer__customer_id", flat=True)
    assert list(served) == ["00007", "00009", "00008"]


@pytest.mark.usefixtures("customer")
def test_what_onboarding_asks_for_is_as_urgent_as_the_segment() -> None:
    ask(customer_id="00007")
    assert ProfileRequest.objects.values_list("segment", "priority").get() == ("vip", 9)


def test_a_purchase_makes_a_profile_stale_and_the_old_one_is_still_told(customer: Customer) -> None:
    asked()
    work(Queues.REQUESTS)
    PurchaseFactory.create(customer=customer, purchased_at=NOW, amount="100")
    stale = asked()
    assert (stale.state, stale.told["predictions"]["is_stale"]) == ("waiting", True)
    assert (value_of(stale)["segment"], stale.told["profile"]["spent"]) == ("vip", 112.5)
    work(Queues.REQUESTS)
    assert asked().told["predictions"]["is_stale"] is False
    assert ProfileRequest.objects.get().number == 2


def test_a_profile_grows_too_old(customer: Customer, settings: LazySettings) -> None:
    asked()
    work(Queues.REQUESTS)
    settings.PROFILE_MAX_AGE_SECONDS = 1
    ProfileRequest.objects.update(computed_at=timezone.now() - dt.timedelta(seconds=2))
    profiles.forget([customer.customer_id])
    assert asked().state == "waiting"


def test_without_the_cache_the_record_answers(customer: Customer, settings: LazySettings) -> None:
    asked()
    work(Queues.REQUESTS)
    with redis_is_away(settings, "CACHE"):
        ready = asked()
    assert (ready.state, ready.source) == ("ready", "postgresql")


def test_a_request_waits_in_the_outbox_until_the_broker_is_back(
    customer: Customer, settings: LazySettings
) -> None:
    broker, settings.BROKER_URL = settings.BROKER_URL, "redis://127.0.0.1:1/0"
    assert asked().state == "waiting"
    assert asked().told["request"]["delivery"] == "waiting"
    settings.BROKER_URL = broker
    work(Queues.REQUESTS)
    assert asked().state == "ready"


def test_the_task_twice_does_nothing_twice(customer: Customer) -> None:
    asked()
    work(Queues.REQUESTS)
    before = ProfileRequest.objects.get().answered_at
    with transaction.atomic():
        compute_profile(customer_id=customer.customer_id, number=1)
    assert ProfileRequest.objects.get().answered_at == before


def test_a_purchase_need_not_wait_for_the_profile_that_is_computed(customer: Customer) -> None:
    asked()
    other = connection.copy()
    with transaction.atomic(), other.cursor() as cursor:
        compute_profile(customer_id=customer.customer_id, number=1)
        cursor.execute("SELECT FROM features_customer FOR KEY SHARE NOWAIT")  # as its foreign key does
    other.close()


def test_a_customer_deleted_meanwhile_leaves_nothing_behind(customer: Customer) -> None:
    asked()
    customer.purchases.all().delete()
    customer.delete()
    assert work(Queues.REQUESTS).done == 1
    with pytest.raises(NotFoundError):
        asked()
    with pytest.raises(NotFoundError):
        request_profile(customer_id="00007")
    assert not ProfileRequest.objects.exists()


def test_a_task_that_was_given_up_is_told_and_promised_again_later(
    customer: Customer, settings: LazySettings
) -> None:
    asked()
    Delivery.objects.update(state="dead", reason="ended its worker 5 times", finished_at=timezone.now())
    refused = asked()
    assert (refused.state, refused.told["request"]["reason"]) == ("refused", "ended its worker 5 times")
    ProfileRequest.objects.update(requested_at=timezone.now() - dt.timedelta(seconds=61))
    assert asked().state == "waiting"
    work(Queues.REQUESTS)
    assert asked().state == "ready"


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_a_dropped_task_locks_nobody_out(customer: Customer, *, is_forgotten: bool) -> None:
    asked()
    Delivery.objects.update(state="dead", reason="no model", finished_at=timezone.now())
    sum(drop(Choice()))
    if is_forgotten:
        assert forget_messages(older_than=dt.timedelta(0)) == 1
    assert asked().state == "refused"
    ProfileRequest.objects.update(requested_at=timezone.now() - dt.timedelta(seconds=61))
    assert asked().state == "waiting"
    work(Queues.REQUESTS)
    assert asked().state == "ready"
    assert Message.objects.filter(name="profiles.compute").count() == 2 - is_forgotten


def test_a_cached_profile_takes_no_statement(customer: Customer) -> None:
    asked()
    work(Queues.REQUESTS)
    with connection.execute_wrapper(_refuse):
        assert asked().source == "redis"


def _refuse(*_: Any) -> None:
    pytest.fail("a statement")


def test_nobody_is_no_customer() -> None:
    with pytest.raises(NotFoundError, match="There is no customer 'x'"):
        asked("x")
