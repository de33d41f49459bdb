"""How full the queues are, who takes from them, and what the doctor says of it."""

import threading
from collections.abc import Sequence

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.utils import timezone

from features.queries.stores import checks, store_healths
from registry.messaging import Exchanges, Queues, Received, consumer, consuming, depths, promise_message
from registry.messaging.consuming import consume, queues_consumed
from registry.messaging.depths import BrokerAwayError, Depth, queue_depths, queue_states
from registry.messaging.health import check_rabbitmq, messaging_problems
from registry.messaging.protocols import AMQP
from registry.models import Delivery
from tests.working import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("registered")]
NOBODY = "amqp://nobody:wrong@127.0.0.1:1/none"


def tell(number: int) -> None:
    promise_message(Exchanges.EVENTS, routing_key="view.zz", body={"n": number}, name="t.view")


def test_the_depth_is_what_waits_at_the_broker(broker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(depths, "PAGE_SECONDS", 20.0)
    for number in range(3):
        tell(number)
    assert queue_depths()[Queues.EVENTS_RAW].waiting == 0
    publish()
    assert queue_depths()[Queues.EVENTS_RAW].waiting == 3
    assert queue_depths()[Queues.EVENTS_RAW].consumers == (0 if broker == "rabbitmq" else None)
    Delivery.objects.filter(queue=Queues.EVENTS_COUNTERS).update(
        state="dead", reason="a test", finished_at=timezone.now()
    )
    states = {state.name: state for state in queue_states()}
    assert list(states) == [name.value for name in Queues]
    raw, counters = states["events.raw"], states["events.counters"]
    assert (raw.exchange, raw.depth, raw.open, raw.dead, raw.is_priority) == ("events", 3, 3, 0, False)
    assert (counters.depth, counters.open, counters.dead) == (3, 0, 3)
    assert states["requests"].is_priority


def test_a_broker_that_is_away_leaves_the_books(settings: LazySettings) -> None:
    tell(1)
    settings.BROKER_URL = NOBODY
    with pytest.raises(BrokerAwayError):
        queue_depths()
    raw = {state.name: state for state in queue_states()}["events.raw"]
    assert (raw.depth, raw.open, raw.consumers) == (None, 1, None)


def test_a_page_asks_a_broker_that_is_away_once_in_ten_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []

    def ask(*, seconds: float | None = None) -> dict[Queues, Depth]:
        asked.append(seconds)
        raise BrokerAwayError

    remembered: dict[str, float] = {}
    monkeypatch.setattr(depths, "queue_depths", ask)
    monkeypatch.setattr(depths, "_away_until", remembered)
    assert {state.depth for _ in range(3) for state in queue_states()} == {None}
    assert asked == [depths.PAGE_SECONDS]
    remembered.clear()
    queue_states()
    assert len(asked) == 2


def test_the_consumer_process_takes_what_comes_many_at_once_and_ends_when_told(
    broker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consuming, "GATHER_SECONDS", 1.0)  # a slow broker cuts one batch short, not each
    stop, batches = threading.Event(), []

    @consumer(Queues.EVENTS_RAW, batch=10)
    def keep(messages: Sequence[Received]) -> None:
        batches.append(sorted(each.body["n"] for each in messages))
        if sum(map(len, batches)) == 25:
            stop.set()

    assert queues_consumed() == [Queues.EVENTS_RAW, Queues.DEAD]
    for number in range(25):
        tell(number)
    publish()
    consume(stop, queues_consumed())
    assert sorted(number for batch in batches for number in batch) == list(range(25))
    assert max(map(len, batches)) == 10
    assert queue_depths()[Queues.EVENTS_RAW].waiting == 0


def test_the_consumer_process_takes_no_queue_that_has_no_consumer() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'onboarding' .choose from 'dead'"):
        call_command("consume", "--queue", "onboarding")


def test_the_consumer_process_waits_for_its_broker(settings: LazySettings) -> None:
    settings.BROKER_URL = NOBODY
    stop = threading.Event()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    consume(stop, [Queues.DEAD])
    timer.join()


def test_messages_that_nobody_takes_and_dead_letters_are_told() -> None:
    assert messaging_problems() == []
    tell(1)
    tell(2)
    Delivery.objects.filter(queue=Queues.EVENTS_RAW).update(next_at="2026-01-01T00:00:00Z")
    Delivery.objects.exclude(queue=Queues.EVENTS_RAW).update(
        state="dead", reason="a test", finished_at=timezone.now()
    )
    late, dead = messaging_problems()
    assert late.cause == "2 messages have waited for more than 5 minutes: events.raw."
    assert "consume" in late.cure
    assert dead.cause == "2 messages failed for good, the oldest within the last day."


def test_a_broker_that_is_a_server_of_its_own_is_one_of_the_stores(
    broker: str, settings: LazySettings
) -> None:
    healths = {health.store: health for health in store_healths(deadline_seconds=10)}
    if broker == "redis":
        assert "rabbitmq" not in healths
        return
    assert healths["rabbitmq"].is_up
    assert healths["rabbitmq"].version
    settings.BROKER_URL = settings.BROKER_URL.replace(":", ":x", 2).replace("amqp:x", "amqp:")
    assert "refused the user or password" in check_rabbitmq().problems[0].cause


@pytest.mark.parametrize("scheme", AMQP)
def test_rabbitmq_is_one_of_the_stores_however_its_address_begins(
    settings: LazySettings, scheme: str
) -> None:
    settings.BROKER_URL = f"{scheme}broker/"
    assert [name for name, _, _ in checks()][-1] == "rabbitmq"


def test_a_broker_that_refuses_connections_is_told(settings: LazySettings) -> None:
    settings.BROKER_URL = NOBODY
    assert "127.0.0.1:1 refuses connections" in check_rabbitmq().problems[0].cause
