"""How full the queues are: at the broker, and in the books of PostgreSQL."""

import time
from dataclasses import dataclass

import kombu
from django.conf import settings
from django.db.models import Count, Q

from registry.enums import OPEN_DELIVERIES, DeliveryState
from registry.models import Delivery

from .broker import connection, errors, on_broker
from .protocols import is_rabbitmq
from .topology import QUEUES, Queues

NOT_FOUND = 404
# Somebody waits for the page: a broker that is away is asked once in ten seconds, and not for long.
PAGE_SECONDS, AWAY_SECONDS = 2.0, 10.0
_away_until: dict[str, float] = {}


class BrokerAwayError(Exception):
    """The broker did not answer."""


@dataclass(frozen=True)
class Depth:
    """What waits in a queue for a worker, and how many take from it (None: Redis does not know)."""

    waiting: int
    consumers: int | None


@dataclass(frozen=True)
class QueueState:
    """A queue at one moment.

    ``depth`` is what waits at the broker (None: it did not answer), ``open`` what is owed to the queue and
    not done, wherever it is, ``dead`` its dead letters.
    """

    name: str
    exchange: str
    depth: int | None
    open: int
    dead: int
    consumers: int | None
    is_priority: bool


def queue_states() -> list[QueueState]:
    """Every queue, in the order of the topology: one statement, one connection to the broker.

    A broker that did not answer is taken to be away for ten seconds.
    """
    depths = _depths_for_a_page()
    owed: dict[str, tuple[int, int]] = {
        row["queue"]: (row["open"], row["dead"])
        for row in Delivery.objects.order_by()
        .values("queue")
        .filter(state__in=(*OPEN_DELIVERIES, DeliveryState.DEAD))
        .annotate(
            open=Count("pk", filter=Q(state__in=OPEN_DELIVERIES)),
            dead=Count("pk", filter=Q(state=DeliveryState.DEAD)),
        )
    }
    return [_state(name, depths.get(name), owed.get(name.value, (0, 0))) for name in QUEUES]


def queue_depths(*, seconds: float | None = None) -> dict[Queues, Depth]:
    """What waits in each queue; one that was never declared is empty.

    Args:
        seconds: how long connecting and each answer may take.

    Raises:
        BrokerAwayError: the broker did not answer.
    """
    with connection(seconds=seconds) as broker:
        try:
            broker.ensure_connection(max_retries=0)
            ask = _ask_rabbitmq if is_rabbitmq() else _ask_redis
            return {name: ask(broker, on_broker(name)) for name in QUEUES}
        except errors(broker) as error:
            raise BrokerAwayError(f"{type(error).__name__}: {error}") from error


def _depths_for_a_page() -> dict[Queues, Depth]:
    if time.monotonic() < _away_until.get(settings.BROKER_URL, 0.0):
        return {}
    try:
        return queue_depths(seconds=PAGE_SECONDS)
    except BrokerAwayError:
        _away_until[settings.BROKER_URL] = time.monotonic() + AWAY_SECONDS
        return {}


def _ask_rabbitmq(broker: kombu.Connection, name: str) -> Depth:
    channel = broker.channel()  # one each: RabbitMQ closes that of a queue that is not there
    try:
        found = channel.queue_declare(queue=name, passive=True)
    except broker.channel_errors as error:
        if getattr(error, "code", 0) != NOT_FOUND:
            raise
        return Depth(0, 0)
    channel.close()
    return Depth(found.message_count, found.consumer_count)


def _ask_redis(broker: kombu.Connection, name: str) -> Depth:
    return Depth(broker.default_channel._size(name), None)  # noqa: SLF001 (kombu's only word for it)


def _state(name: Queues, depth: Depth | None, owed: tuple[int, int]) -> QueueState:
    spec = QUEUES[name]
    return QueueState(
        name=name.value,
        exchange=spec.bindings[0].exchange.value,
        depth=depth.waiting if depth else None,
        open=owed[0],
        dead=owed[1],
        consumers=depth.consumers if depth else None,
        is_priority=spec.is_priority,
    )
