"""What the broker loses is owed again; what is done is forgotten in time."""

import datetime as dt

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.models import F

from registry.enums import OutboxTarget
from registry.messaging import Queues, promise_task, task
from registry.messaging.broker import connection as broker_connection
from registry.messaging.entities import queue as declared
from registry.messaging.forgetting import forget_messages
from registry.messaging.sweeping import SWEEPING, sweep
from registry.models import Delivery, Message, OutboxEntry
from registry.sync.relay import relay_once
from registry.sync.targets import TargetUnavailableError
from tests.working import empty_the_broker, publish, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered", "broker")]


@pytest.fixture
def three() -> None:
    """Three tasks, published."""
    task("t.note", queue=Queues.MAINTENANCE)(lambda: None)
    for _ in range(3):
        promise_task("t.note")
    publish()


def long_ago() -> None:
    """Published an hour ago, as far as the sweep knows."""
    Delivery.objects.update(published_at=F("published_at") - dt.timedelta(hours=1))


def test_what_a_flushed_broker_lost_is_owed_again(three: None) -> None:
    empty_the_broker()
    assert sweep() == 0  # too soon to say
    long_ago()
    assert sweep() == 3
    assert sweep() == 0
    assert work().done == 3
    assert list(Delivery.objects.values_list("publishes", flat=True)) == [2, 2, 2]


def test_what_waits_in_its_queue_is_left_there(three: None) -> None:
    long_ago()
    assert sweep() == 0
    assert work().done == 3


def test_what_waits_for_no_row_of_the_outbox_is_owed_again(three: None) -> None:
    work()
    promise_task("t.note")
    OutboxEntry.objects.all().delete()
    assert sweep() == 0
    Delivery.objects.filter(state="waiting").update(next_at=F("next_at") - dt.timedelta(hours=1))
    assert sweep() == 1
    assert sweep() == 0
    assert work().done == 1


def test_nothing_published_is_nothing_to_ask_the_broker(settings: LazySettings) -> None:
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    assert sweep() == 0


def test_a_broker_that_is_away_keeps_what_is_owed_in_the_outbox(three: None, settings: LazySettings) -> None:
    address, settings.BROKER_URL = settings.BROKER_URL, "amqp://127.0.0.1:1//"
    promise_task("t.note")
    for _ in range(2):
        with pytest.raises(TargetUnavailableError):
            relay_once(OutboxTarget.CELERY)
    with pytest.raises(TargetUnavailableError):
        sweep()
    assert OutboxEntry.objects.get().attempts == 0
    settings.BROKER_URL = address
    OutboxEntry.objects.update(next_at=Delivery.objects.first().next_at)
    assert work().done == 4


def test_messages_are_forgotten_a_week_after_they_are_done(three: None) -> None:
    work()
    just, before, dead = Delivery.objects.order_by("id")
    long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    Message.objects.update(created_at=long_ago)
    assert forget_messages(older_than=dt.timedelta(days=7)) == 0  # promised long ago, done just now
    Delivery.objects.exclude(pk=just.pk).update(finished_at=long_ago)
    Delivery.objects.filter(pk=dead.pk).update(state="dead", reason="r")
    promise_task("t.note")
    assert forget_messages(older_than=dt.timedelta(days=7)) == 1
    assert not Message.objects.filter(pk=before.message_id).exists()
    assert Message.objects.count() == 3


def test_one_relay_sweeps_at_a_time(three: None) -> None:
    empty_the_broker()
    long_ago()
    elsewhere = connection.copy()
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [SWEEPING])
        assert sweep() == 0
        cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEPING])
    elsewhere.close()
    assert sweep() == 3


def test_what_is_missing_of_a_queue_with_priorities_may_be_any() -> None:
    task("t.asked", queue=Queues.REQUESTS)(lambda: None)
    promise_task("t.asked", priority=1)
    publish()
    promise_task("t.asked", priority=9)
    publish()
    with broker_connection() as broker:  # who gets the urgent one dies with it
        waiting = declared(Queues.REQUESTS).bind(broker.default_channel)
        waiting.get(accept=["json"]).ack()
    long_ago()
    assert sweep() == 2
    assert work().done == 2
