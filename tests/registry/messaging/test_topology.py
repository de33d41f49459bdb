"""Where messages go, and what may be registered."""

from collections import Counter

import pytest

from registry.messaging import Exchanges, Queues, consumer, promise_message, task
from registry.messaging.depths import queue_depths
from registry.messaging.topology import EXCHANGE_TYPES, QUEUES, queues_for
from tests.working import publish


@pytest.mark.parametrize(
    ("key", "queues"),
    [
        ("page_view.de", ["events.raw", "events.counters"]),
        ("purchase.zz", ["events.raw", "events.counters", "events.alerts"]),
        ("purchase", ["events.raw", "events.counters", "events.alerts"]),
        ("purchases.de", ["events.raw", "events.counters"]),
        ("", ["events.raw", "events.counters"]),
    ],
)
def test_an_event_goes_by_its_routing_key(key: str, queues: list[str]) -> None:
    assert queues_for(Exchanges.EVENTS, key, {}) == queues


def test_an_alert_goes_by_its_headers() -> None:
    assert queues_for(Exchanges.ALERTS, "", {"severity": "low"}) == ["alerts.kept"]
    assert queues_for(Exchanges.ALERTS, "", {"severity": "urgent"}) == ["alerts.kept", "alerts.urgent"]


def test_a_task_goes_to_its_queue() -> None:
    assert queues_for(Exchanges.TASKS, "requests", {}) == ["requests"]
    assert queues_for(Exchanges.DEAD_LETTERS, "dead", {}) == ["dead"]
    assert queues_for(Exchanges.ANNOUNCEMENTS, "", {}) == []


def test_every_exchange_has_a_type_and_each_queue_a_dead_end() -> None:
    assert set(EXCHANGE_TYPES) == set(Exchanges)
    assert set(QUEUES) == set(Queues)
    last = {name for name, spec in QUEUES.items() if "x-dead-letter-exchange" not in spec.arguments}
    assert last == {Queues.DEAD}
    assert [name for name, spec in QUEUES.items() if "x-max-priority" in spec.arguments] == [Queues.REQUESTS]


@pytest.mark.django_db
@pytest.mark.usefixtures("broker")
def test_the_broker_routes_as_the_table_says() -> None:
    ways: list[tuple[Exchanges, str, dict[str, str]]] = [
        *((Exchanges.EVENTS, key, {}) for key in ("page_view.de", "purchase.zz", "cart", "purchases.de")),
        (Exchanges.ALERTS, "", {"severity": "low", "kind": "spree"}),
        (Exchanges.ALERTS, "", {"severity": "urgent", "kind": "spree"}),
    ]
    expected = Counter(queue for way in ways for queue in queues_for(*way))
    for exchange, key, headers in ways:
        promise_message(exchange, routing_key=key, headers=headers, body=None, name="t")
    publish()
    assert {name: depth.waiting for name, depth in queue_depths().items() if depth.waiting} == expected


@pytest.mark.usefixtures("registered")
def test_a_name_is_one_tasks_and_a_queue_one_consumers() -> None:
    task("t.a", queue=Queues.MAINTENANCE)(print)
    with pytest.raises(ValueError, match=r"The task 't\.a' is builtins's"):
        task("t.a", queue=Queues.MAINTENANCE)(setattr)
    consumer(Queues.EVENTS_RAW)(print)
    with pytest.raises(ValueError, match="is consumed by builtins"):
        consumer(Queues.EVENTS_RAW)(delattr)


def test_tasks_wait_in_queues_of_tasks_alone() -> None:
    with pytest.raises(ValueError, match="takes no tasks"):
        task("t.b", queue=Queues.EVENTS_RAW)
    with pytest.raises(ValueError, match="holds tasks"):
        consumer(Queues.ONBOARDING)
