"""``manage.py request_profiles``."""

import datetime as dt
import json
import math
from argparse import ArgumentTypeError
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from features.management.arguments import speed
from features.services.profile_driving import request_profiles
from registry.messaging import Queues
from tests.factories import CustomerFactory, CustomerScoreFactory, PurchaseFactory
from tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_keys", "broker")]


def customers() -> None:
    vip = CustomerScoreFactory.create(segment="vip").customer
    for day, each in enumerate((vip, CustomerFactory.create()), start=1):
        PurchaseFactory.create(customer=each, purchased_at=dt.datetime(1997, 1, day, tzinfo=dt.UTC))
    CustomerFactory.create()  # who bought nothing does not come


def test_customers_ask_as_they_came_and_are_answered_by_the_task() -> None:
    customers()
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        work(Queues.REQUESTS)

    *_, driven = request_profiles(customers=5, speed=1_000, patience_seconds=30, sleep=sleep)
    assert (driven.asked, driven.ready, driven.at_once, sorted(driven.waits)) == (2, 2, 0, ["unknown", "vip"])
    assert 0 < max(pauses) <= 2 * 86_400 / 1_000


def test_a_second_time_the_answers_are_there() -> None:
    customers()
    list(request_profiles(customers=5, speed=math.inf, patience_seconds=0))
    work(Queues.REQUESTS)
    told = StringIO()
    call_command("request_profiles", speed=math.inf, stdout=told)
    assert told.getvalue() == "2 asked: 2 answered at once (known already), 0 by the task.\n"


def test_without_a_worker_the_command_says_so() -> None:
    customers()
    told = StringIO()
    with pytest.raises(CommandError, match="2 wait still"):
        call_command("request_profiles", speed=math.inf, patience=1, json=True, stdout=told)
    assert json.loads(told.getvalue())["answered_later"] == 0


def test_a_speed_is_a_number_or_all_at_once() -> None:
    assert (speed("1000x"), speed("max")) == (1_000.0, math.inf)
    with pytest.raises(ArgumentTypeError, match="no speed"):
        speed("-1")
