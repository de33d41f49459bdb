"""The consumer as a process: what strangers send and PostgreSQL refuses does not end it."""

import threading
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest
from django.db import OperationalError, transaction

from registry.messaging import Exchanges, Queues, Received, consumer, marks, promise_message
from registry.messaging.consuming import consume
from registry.models import Delivery
from tests.working import publish, put

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("registered", "broker")]


def tell(*numbers: int) -> None:
    with transaction.atomic():
        for number in numbers:
            promise_message(Exchanges.EVENTS, routing_key="view.zz", body={"n": number}, name="t.view")
    publish()


def consume_until(is_enough: Callable[[list[int]], bool]) -> list[int]:
    """The numbers that came, once there are enough of them."""
    stop = threading.Event()
    taken: list[int] = []

    @consumer(Queues.EVENTS_RAW)
    def take(messages: Sequence[Received]) -> None:
        taken.extend(each.body["n"] for each in messages)
        if is_enough(taken):
            stop.set()

    timer = threading.Timer(20, stop.set)
    timer.start()
    consume(stop, [Queues.EVENTS_RAW, Queues.DEAD])
    timer.cancel()
    return sorted(taken)


def states() -> list[str]:
    return list(
        Delivery.objects.filter(queue=Queues.EVENTS_RAW).order_by("id").values_list("state", flat=True)
    )


def test_rubbish_between_messages_is_written_down_and_they_are_done() -> None:
    tell(1, 2)
    strange: list[object] = ["x-1", 7, "0" * 31, "A" * 32, "12345678-1234-5678-1234-567812345678"]
    for message_id in strange:
        put(Queues.EVENTS_RAW, b"{}", {"message_id": message_id, "name": "y"})
    put(Queues.EVENTS_RAW, b"{}", {"message_id": "0" * 32, "name": ["y"]})
    pickled = "application/x-python-serialize"
    put(Queues.EVENTS_RAW, b"{}", {"message_id": "0" * 32, "name": "y"}, content_type=pickled)
    tell(3)
    assert consume_until(lambda taken: len(taken) == 3) == [1, 2, 3]
    assert states() == ["done"] * 3
    assert Delivery.objects.filter(queue=Queues.DEAD, state="dead").count() == len(strange) + 2


def test_an_error_of_postgresql_gives_back_what_is_in_hand_and_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin, failures = marks.begin, [OperationalError("canceling statement due to statement timeout")]

    def fail_once(ids: Collection[str], queue: str, **how: Any) -> list[marks.Begun]:
        if failures:
            raise failures.pop()
        return begin(ids, queue, **how)

    monkeypatch.setattr(marks, "begin", fail_once)
    tell(1, 2, 3)
    assert consume_until(lambda taken: len(taken) == 3) == [1, 2, 3]
    assert states() == ["done"] * 3
