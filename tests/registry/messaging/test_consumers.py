"""Consumers: many messages in one transaction, each alone where that fails."""

from collections.abc import Sequence

import pytest

from registry.exceptions import StoreUnavailableError
from registry.messaging import Exchanges, Queues, Received, RefusedError, consumer, promise_message
from registry.messaging.sweeping import sweep
from registry.models import Delivery
from tests.working import publish, work

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered", "broker")]


def tell(number: int, kind: str = "page_view") -> str:
    return promise_message(
        Exchanges.EVENTS, routing_key=f"{kind}.de", headers={"from": "test"}, body={"n": number}, name=kind
    )


def states(queue: Queues) -> list[tuple[str, int]]:
    return list(Delivery.objects.filter(queue=queue).order_by("id").values_list("state", "attempts"))


def test_a_consumer_gets_many_messages_at_once() -> None:
    batches: list[Sequence[Received]] = []
    consumer(Queues.EVENTS_RAW, batch=100)(batches.append)
    ids = [tell(number) for number in range(5)]
    assert work(Queues.EVENTS_RAW).done == 5
    assert [[each.message_id for each in batch] for batch in batches] == [ids]
    first = batches[0][0]
    assert (first.name, first.routing_key, first.headers, first.body, first.attempts) == (
        "page_view", "page_view.de", {"from": "test"}, {"n": 0}, 1,
    )  # fmt: skip


def test_each_queue_does_its_own_part_of_a_message() -> None:
    consumer(Queues.EVENTS_RAW)(lambda _: None)
    tell(1, "purchase")
    work(Queues.EVENTS_RAW)
    standing = dict(Delivery.objects.values_list("queue", "state"))
    assert standing == {"events.raw": "done", "events.counters": "published", "events.alerts": "published"}


def test_one_that_is_refused_takes_no_others_with_it() -> None:
    taken: list[int] = []

    def take(messages: Sequence[Received]) -> None:
        for each in messages:
            if each.body["n"] == 2:
                raise RefusedError("Two is none of ours.")
        taken.extend(each.body["n"] for each in messages)

    consumer(Queues.EVENTS_RAW)(take)
    for number in range(4):
        tell(number)
    tally = work(Queues.EVENTS_RAW)
    assert (tally.done, tally.failed, taken) == (3, 1, [0, 1, 3])
    assert states(Queues.EVENTS_RAW) == [("done", 1), ("done", 1), ("dead", 1), ("done", 1)]


def test_where_a_store_is_away_all_come_again_and_none_is_tried_alone() -> None:
    sizes: list[int] = []

    def take(messages: Sequence[Received]) -> None:
        sizes.append(len(messages))
        if len(sizes) == 1:
            raise StoreUnavailableError("MongoDB hangs.")

    consumer(Queues.EVENTS_RAW)(take)
    for number in range(4):
        tell(number)
    assert work(Queues.EVENTS_RAW).failed == 4
    assert states(Queues.EVENTS_RAW) == [("waiting", 0)] * 4
    assert work(Queues.EVENTS_RAW, is_early=True).done == 4
    assert sizes == [4, 4]
    assert states(Queues.EVENTS_RAW) == [("done", 1)] * 4


def test_messages_that_were_begun_before_are_taken_one_by_one() -> None:
    sizes: list[int] = []
    consumer(Queues.EVENTS_RAW)(lambda messages: sizes.append(len(messages)))
    for number in range(4):
        tell(number)
    publish()
    begun = Delivery.objects.filter(queue=Queues.EVENTS_RAW).order_by("id")[:2]
    Delivery.objects.filter(pk__in=[each.pk for each in begun]).update(attempts=1)  # their process ended
    assert work(Queues.EVENTS_RAW).done == 4
    assert sizes == [2, 1, 1]


def test_one_that_ends_its_process_each_time_is_a_dead_letter_and_the_others_are_done() -> None:
    consumer(Queues.EVENTS_RAW, max_attempts=3)(lambda _: None)
    for number in range(3):
        tell(number)
    publish()
    Delivery.objects.filter(pk=Delivery.objects.filter(queue=Queues.EVENTS_RAW).latest("id").pk).update(
        attempts=3
    )
    work(Queues.EVENTS_RAW)
    assert states(Queues.EVENTS_RAW) == [("done", 1), ("done", 1), ("dead", 4)]


def test_a_batch_that_comes_twice_is_done_once() -> None:
    taken: list[int] = []
    consumer(Queues.EVENTS_RAW)(lambda messages: taken.append(len(messages)))
    tell(1)
    publish()
    Delivery.objects.update(state="waiting")
    assert sweep() == 0
    assert work(Queues.EVENTS_RAW).done == 1
    assert taken == [1]
