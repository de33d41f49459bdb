"""Publishing: what one message can't, what the broker did not take, what a full queue has no room for."""

import datetime as dt
import random

import orjson
import pytest

from registry.enums import OutboxTarget
from registry.messaging import (
    Exchanges,
    Queues,
    promise_message,
    promise_task,
    promise_tasks,
    room,
    target,
    task,
)
from registry.messaging.bodies import MOST_BYTES
from registry.messaging.broker import connection, on_broker
from registry.messaging.depths import queue_depths
from registry.messaging.envelopes import envelopes
from registry.messaging.owed import Owed, owed
from registry.messaging.publishing import Publisher, Sent
from registry.messaging.sweeping import sweep
from registry.models import Delivery, Message, OutboxEntry
from registry.sync.relay import relay_once
from registry.sync.targets import Entry, TargetUnavailableError
from tests.working import publish, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered", "broker")]
# Redis makes a queue of whatever is pushed.
on_rabbitmq = pytest.mark.parametrize(
    "broker", [pytest.param("rabbitmq", marks=pytest.mark.rabbit)], indirect=True
)
ran: list[int] = []


@pytest.fixture
def ten() -> list[str]:
    """Ten tasks, promised."""
    ran.clear()
    task("t.note", queue=Queues.MAINTENANCE)(lambda *, n: ran.append(n))
    return promise_tasks("t.note", [{"n": n} for n in range(10)])


def dead() -> dict[str, str]:
    rows = Delivery.objects.filter(state="dead").values_list("message__message_id", "reason")
    return dict(rows)


def test_a_damaged_message_takes_none_of_its_batch_along(ten: list[str]) -> None:
    Message.objects.filter(message_id=ten[4]).update(body=b"\x00", encoding="zlib")
    assert work().done == 9
    assert sorted(ran) == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert list(dead()) == [ten[4]]
    assert "It can't be published: A message's body can't be read" in dead()[ten[4]]
    assert not OutboxEntry.objects.exists()


def test_a_queue_that_is_no_more_makes_a_dead_letter_of_one(ten: list[str]) -> None:
    Delivery.objects.filter(message__message_id=ten[4]).update(queue="renamed")
    assert work().done == 9
    assert dead() == {ten[4]: "There is no queue 'renamed'."}
    assert not OutboxEntry.objects.exists()


def test_what_was_published_to_a_queue_that_is_no_more_is_a_dead_letter_after_the_sweep(
    ten: list[str],
) -> None:
    publish()
    long_ago = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    Delivery.objects.filter(message__message_id=ten[4]).update(queue="renamed", published_at=long_ago)
    assert sweep() == 1
    assert work().done == 9
    assert dead() == {ten[4]: "There is no queue 'renamed'."}


def test_arguments_as_big_as_may_be_are_published() -> None:
    lengths = []
    task("t.big", queue=Queues.MAINTENANCE)(lambda *, text: lengths.append(len(text)))
    around = len(orjson.dumps({"text": ""}))
    promise_task("t.big", text="x" * (MOST_BYTES - around))
    assert work().done == 1
    assert lengths == [MOST_BYTES - around]


def test_what_rabbitmq_has_no_form_for_is_a_dead_letter_there(broker: str) -> None:
    good = promise_message(Exchanges.EVENTS, routing_key="cart.de", body=1, name="cart")
    bad = promise_message(Exchanges.EVENTS, routing_key="ü" * 250, body=2, name="cart")
    publish()
    left = set(Delivery.objects.filter(state="published").values_list("message__message_id", flat=True))
    assert good in left
    assert list(dead()) == ([bad] if broker == "rabbitmq" else [])


def test_a_message_of_an_exchange_that_is_no_more_goes_to_its_queues() -> None:
    promise_message(Exchanges.EVENTS, routing_key="cart.de", body=1, name="cart")
    Message.objects.update(exchange="renamed")
    publish()
    waiting = {queue for queue, depth in queue_depths().items() if depth.waiting}
    assert waiting == {Queues.EVENTS_RAW, Queues.EVENTS_COUNTERS, Queues.EVENTS_ALERTS}


@on_rabbitmq
def test_a_queue_that_was_lost_is_declared_and_published_to_again(ten: list[str], broker: str) -> None:
    promise_tasks("t.note", [{"n": 10}])
    publish()
    with connection() as other:
        other.default_channel.queue_delete(on_broker(Queues.MAINTENANCE))
    promise_tasks("t.note", [{"n": n} for n in (11, 12)])
    assert work().done == 2
    assert sorted(ran) == [11, 12]
    assert dead() == {}


@on_rabbitmq
def test_what_no_queue_takes_is_named_and_the_rest_taken(ten: list[str], broker: str) -> None:
    entries = [Entry(0, OutboxTarget.CELERY, "message", each, "", 0, 0) for each in ten]
    given = [one for each in owed(entries) for one in envelopes(each)]
    lost = given[4].__class__(**{**vars(given[4]), "exchange": "", "routing_key": "nowhere"})
    publisher = Publisher()
    sent = publisher.publish([*given[:4], lost, *given[5:]], seconds=5)
    publisher.close()
    assert sent.refused == [(lost, "No queue takes it by 'nowhere'.")]
    assert len(sent.taken) == 9
    assert sent.problem == ""


def test_what_a_slow_broker_confirmed_is_not_published_again(
    ten: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def take_three(publisher: Publisher, given: list[object], *, seconds: float) -> Sent:
        sent = whole(publisher, given[:3], seconds=seconds)
        sent.problem = "RabbitMQ did not confirm in time."
        return sent

    whole = Publisher.publish
    monkeypatch.setattr(Publisher, "publish", take_three)
    with pytest.raises(TargetUnavailableError, match="did not confirm in time"):
        relay_once(OutboxTarget.CELERY)
    left = OutboxEntry.objects.order_by("id")
    assert [entry.aggregate_id for entry in left] == ten[3:]
    assert {entry.attempts for entry in left} == {0}
    monkeypatch.undo()
    publish(is_early=True)
    assert work().done == 10
    assert sorted(ran) == list(range(10))


def test_a_broker_without_time_to_confirm_keeps_what_it_did_not(ten: list[str], broker: str) -> None:
    entries = [Entry(each.id, *each_of(each)) for each in OutboxEntry.objects.order_by("id")]
    with pytest.raises(TargetUnavailableError) as raised:
        target.BrokerTarget().apply(entries, seconds=0)
    assert list(raised.value.taken) == []
    assert work(is_early=True).done == 10


def each_of(entry: OutboxEntry) -> tuple[int, str, str, str, int, int]:
    return entry.target, entry.topic, entry.aggregate_id, entry.document_id, 0, 0


def test_big_bodies_are_read_piece_by_piece(ten: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(target, "PIECE_BYTES", 25)  # two or three of ten
    read = []

    def reading(entries: list[Entry]) -> list[Owed]:
        read.append(len(entries))
        return owed(entries)

    monkeypatch.setattr(target, "owed", reading)
    assert work().done == 10
    assert sum(read) == 10
    assert max(read) <= 4


def test_a_full_queue_is_published_to_no_more_until_there_is_room(
    ten: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_AT_BROKER", 4)
    monkeypatch.setattr(room, "COUNT_SECONDS", 0)
    task("t.asked", queue=Queues.REQUESTS)(lambda: None)
    promise_tasks("t.asked", [{}] * 6)
    publish()
    depths = queue_depths()
    assert depths[Queues.MAINTENANCE].waiting == 4
    assert depths[Queues.REQUESTS].waiting == 6  # one with priorities is never full
    assert not OutboxEntry.objects.exists()
    assert sweep(patience_seconds=0) == 0
    let_in = []
    while work().done:
        let_in.append(sweep(patience_seconds=0))
    assert let_in == [4, 2, 0]
    assert ran == list(range(10))


def test_a_full_queue_holds_up_no_other_of_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_AT_BROKER", 1)
    monkeypatch.setattr(room, "COUNT_SECONDS", 0)
    promise_message(Exchanges.EVENTS, routing_key="view.de", body=1, name="view")
    publish()
    Delivery.objects.filter(queue="events.counters").update(state="done", finished_at="2026-01-01T00:00Z")
    promise_message(Exchanges.EVENTS, routing_key="view.de", body=2, name="view")
    publish()
    depths = {queue.value: depth.waiting for queue, depth in queue_depths().items() if depth.waiting}
    assert depths == {"events.raw": 1, "events.counters": 2}


def test_two_who_promise_the_same_lock_it_in_one_order() -> None:
    task("t.note", queue=Queues.MAINTENANCE)(lambda **_: None)
    keys = random.Random(7).sample([f"{n:02}" for n in range(20)], 20)
    ids = promise_tasks("t.note", [{"n": int(key)} for key in keys], keys=keys)
    assert list(Message.objects.order_by("id").values_list("key", flat=True)) == sorted(keys)
    # but owed as given
    assert list(OutboxEntry.objects.order_by("id").values_list("aggregate_id", flat=True)) == ids


def test_a_message_that_reaches_no_queue_is_not_promised() -> None:
    with pytest.raises(ValueError, match="'x' reaches no queue of announcements by ''"):
        promise_message(Exchanges.ANNOUNCEMENTS, body={}, name="x")
    assert not Message.objects.exists()
