"""From the promise to the three stores; twice, out of order, and with a store away."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from pymongo.database import Database

from features.activity import counting, summing, tasks
from features.activity.accepting import accept_events
from features.activity.check import ActivityCheck
from features.activity.consumers import count, keep_raw
from features.activity.counting import keep_counters, make_counters
from features.activity.summing import summarise
from features.models import EventBatch, HourlyActivity
from features.online import activity
from features.queries.activity import activity_now
from features.queries.activity_due import due_counts
from registry.messaging import Queues, Received, promise_task
from registry.messaging.bodies import unpacked
from registry.models import Message
from registry.queries.events import events_near, events_of
from registry.sync.reconcile.drift import Terms
from tests.emptying import empty_redis
from tests.features.away import redis_is_away
from tests.working import work

from .happening import BERN, NOON, event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def received() -> list[Received]:
    """The messages as a consumer gets them, again."""
    return [
        Received(each.message_id, each.name, each.routing_key, {}, unpacked(each.body, each.encoding), 1)
        for each in Message.objects.filter(exchange="events").order_by("pk")
    ]


def again(consumer: Callable[[list[Received]], None]) -> None:
    with transaction.atomic():
        consumer(received())


def test_events_reach_the_three_stores(mongo: Database[dict[str, Any]]) -> None:
    accept_events(events=[event(0), event(1), event(2, "cart", customer_id="00002", country="FR")])
    tally = work(Queues.EVENTS_RAW, Queues.EVENTS_COUNTERS)
    assert (tally.done, tally.failed) == (4, 0)
    assert [each.kind for each in events_of("00001")] == ["purchase", "purchase"]
    assert len(events_near(longitude=BERN[0], latitude=BERN[1], within_metres=100)) == 3
    assert mongo.events.count_documents({}) == 2
    assert keep_counters()
    assert not keep_counters()
    now = activity_now(hours=3)
    assert now.problem == ""
    assert {each.kind: (each.events, each.amount) for each in now.counters if each.events} == {
        "purchase": (2, Decimal(25)),
        "cart": (1, Decimal(0)),
    }
    assert [(each.hour.hour, each.events) for each in now.per_hour] == [(10, 0), (11, 0), (12, 3)]
    assert [(each.country, each.events) for each in now.top_countries] == [("CH", 2), ("FR", 1)]
    assert [(each.customer_id, each.amount) for each in now.top_customers] == [("00001", Decimal(25))]
    assert now.events == 3
    batches = EventBatch.objects
    waiting = [
        batches.filter(kept_at=None),
        batches.filter(counted_at=None),
        batches.filter(is_summarised=False),
    ]
    assert [each.count() for each in waiting] == [0, 0, 2]


def test_where_nothing_ever_happened_there_are_no_hours() -> None:
    now = activity_now()
    assert (now.events, now.latest_at, now.per_hour, now.top_countries) == (0, None, [], [])


def test_a_batch_that_comes_twice_is_kept_and_counted_once(mongo: Database[dict[str, Any]]) -> None:
    accept_events(events=[event(0), event(1)])
    make_counters()
    work()
    counted = activity.read()
    for consumer in (keep_raw, count):
        again(consumer)
    assert (mongo.events.count_documents({}), activity.read()) == (1, counted)
    # died after the store, before PostgreSQL's commit
    EventBatch.objects.update(kept_at=None, counted_at=None)
    for consumer in (keep_raw, count):
        again(consumer)
    assert (mongo.events.count_documents({}), activity.read()) == (1, counted)
    assert not EventBatch.objects.filter(counted_at=None).exists()


def test_an_old_event_counts_and_moves_no_clock() -> None:
    make_counters()
    accept_events(events=[event(0)])
    work()
    old = NOON - dt.timedelta(days=400)
    accept_events(events=[event(1, at=old), event(2, at=NOON - dt.timedelta(hours=2))])
    work()
    counts = activity.read()
    assert counts == due_counts()
    assert counts is not None
    assert counts.latest == int(NOON.timestamp())
    assert counts.kinds == {"purchase": (3, 3750)}
    assert sorted(hour for hour, _ in counts.hours) == [
        int(NOON.timestamp()) // 3600 * 3600 - back for back in (7200, 0)
    ]
    nearly_a_week = dt.timedelta(days=6, hours=23, milliseconds=900)
    accept_events(events=[event(3, at=NOON + nearly_a_week)])
    work()
    assert activity.read() == due_counts()


def test_hours_are_summed_up_whole_however_late_an_event_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summing, "BATCHES", 1)
    accept_events(events=[event(0), event(1), event(2, customer_id="00002")])
    assert summarise() == 1
    assert summarise() == 0
    accept_events(events=[event(3), event(70, "search", customer_id="")])
    assert summarise() == 2
    rows = HourlyActivity.objects.order_by("hour").values_list("kind", "events", "amount", "customers")
    assert list(rows) == [("purchase", 4, Decimal(50), 2), ("search", 1, Decimal(0), 0)]


def test_counters_that_redis_lost_are_made_again_from_the_record(redis_keys: None) -> None:
    accept_events(events=[event(n, country="CH" if n % 2 else "FR") for n in range(6)])
    make_counters()
    work(Queues.EVENTS_COUNTERS)
    before = activity.read()
    empty_redis()
    accept_events(events=[event(9)])
    now = activity_now()
    assert "PostgreSQL" in now.problem
    assert now.events == 7
    assert make_counters() == 6
    assert activity.read() == before
    with transaction.atomic():
        counting.count_batches([each.body for each in received()])
    assert activity.read() == due_counts()


def test_counters_that_came_back_without_their_last_second_are_made_again() -> None:
    make_counters()
    accept_events(events=[event(0), event(1, country="FR")])
    work(Queues.EVENTS_COUNTERS)
    with transaction.atomic():
        promise_task(tasks.KEEP_COUNTERS)
    activity.store().hincrby(activity.keys.activity_totals(), "purchase|events", -1)
    assert activity.events_counted() == 1
    work(Queues.MAINTENANCE)
    assert (activity.events_counted(), activity.read()) == (2, due_counts())
    assert not keep_counters()


def test_the_tasks_of_every_minute_sum_up_and_make_lost_counters_again(
    settings: LazySettings,
) -> None:
    accept_events(events=[event(0)])
    with transaction.atomic():
        for name in (tasks.SUMMARISE, tasks.KEEP_COUNTERS):
            promise_task(name)
    work()
    assert (HourlyActivity.objects.get().events, activity.events_counted()) == (1, 1)
    with redis_is_away(settings, "STORE"):
        now = activity_now()
    assert (now.events, "does not answer" in now.problem) == (1, True)


def test_reconcile_finds_and_mends_other_counters() -> None:
    check = ActivityCheck()
    accept_events(events=[event(0), event(1)])

    def found() -> list[str]:
        return [each.kind for step in check.look(deep=False) for each in step.found]

    assert found() == []
    work(Queues.EVENTS_COUNTERS)
    assert found() == ["missing"]
    make_counters()
    assert found() == []
    activity.store().hincrby(activity.keys.activity_totals(), "purchase|events", 5)
    (finding,) = next(check.look(deep=False)).found
    assert finding.detail == "7 events are counted, 2 are due; other: kinds"
    check.mend([finding], Terms())
    assert (found(), check.still([finding])) == ([], set())


def test_without_mongodb_the_others_go_on(mongodb_away: Callable[[], None]) -> None:
    make_counters()
    accept_events(events=[event(0)])
    work(Queues.EVENTS_RAW, Queues.EVENTS_COUNTERS)
    assert activity_now().events == 1
    assert EventBatch.objects.get().kept_at is None
    mongodb_away()
    work(Queues.EVENTS_RAW, is_early=True)
    assert EventBatch.objects.get().kept_at is not None
    assert len(events_of("00001")) == 1
