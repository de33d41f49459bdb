"""Messages as they go to the broker: tasks in Celery's protocol, everything else as it is."""

from dataclasses import dataclass
from typing import Any

from .bodies import MOST_BYTES, ZLIB, packed, unpacked
from .broker import broker_priority, on_broker
from .owed import Kept, Owed
from .protocols import is_rabbitmq
from .topology import EXCHANGE_TYPES, QUEUES, Exchanges, queues_for

NO_CALLBACKS = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
CELERYS_OWN = 1_024
"""Bytes that its protocol puts around a task's arguments, and more."""


@dataclass(frozen=True)
class Envelope:
    """A message as it goes to the broker; ``exchange`` empty: straight to the queue named by the key.

    ``queues``: those of the topology that it is meant for.
    """

    exchange: str
    routing_key: str
    body: bytes
    is_packed: bool
    headers: dict[str, Any]
    message_id: str
    priority: int
    queues: tuple[str, ...]

    def arguments(self) -> dict[str, Any]:
        """What kombu's ``publish`` takes."""
        packing = {"compression": "application/x-gzip"} if self.is_packed else {}
        return {
            "body": self.body,
            "exchange": self.exchange,
            "routing_key": self.routing_key,
            "headers": {**self.headers, **packing},
            "priority": broker_priority(self.priority),
            "content_type": "application/json",
            "content_encoding": "utf-8",
            "delivery_mode": 2,
            "message_id": self.message_id,
            "correlation_id": self.message_id,
            "reply_to": "",
        }


def envelopes(owed: Owed) -> list[Envelope]:
    """One for the exchange that routes it, or one for each queue.

    Raises:
        BadInputError: its body is damaged.
    """
    message = owed.message
    body, encoding = message.body, message.encoding
    headers: dict[str, Any] = {
        **message.headers,
        "message_id": message.message_id,
        "name": message.name,
        "key": message.routing_key,
    }
    if message.exchange == Exchanges.TASKS:
        arguments = unpacked(body, encoding)
        body, encoding = packed([[], arguments, NO_CALLBACKS], most=MOST_BYTES + CELERYS_OWN)
        headers = celery_headers(message.name, message.message_id)
    return [
        Envelope(exchange, key, body, encoding == ZLIB, headers, message.message_id, message.priority, queues)
        for exchange, key, queues in _ways(owed)
    ]


def _ways(owed: Owed) -> list[tuple[str, str, tuple[str, ...]]]:
    message, queues = owed.message, [queue for queue in owed.queues if queue in QUEUES]
    if not (is_rabbitmq() and _is_routed(message, queues)):
        return [("", on_broker(queue), (queue,)) for queue in queues]
    key = on_broker(message.routing_key) if message.exchange == Exchanges.TASKS else message.routing_key
    return [(on_broker(message.exchange), key, tuple(queues))]


def _is_routed(message: Kept, queues: list[str]) -> bool:
    """Whether its exchange brings it to these queues and no others, by the topology of today."""
    if message.exchange not in EXCHANGE_TYPES:
        return False
    routed = queues_for(Exchanges(message.exchange), message.routing_key, message.headers)
    return {queue.value for queue in routed} == set(queues)


def celery_headers(name: str, message_id: str) -> dict[str, Any]:
    """Version 2 of its protocol; retries, times and expiry are the outbox's, not Celery's."""
    return {
        "lang": "py",
        "task": name,
        "id": message_id,
        "root_id": message_id,
        **dict.fromkeys(("parent_id", "group", "group_index", "eta", "expires", "shadow")),
        "retries": 0,
        "timelimit": [None, None],
        "argsrepr": "()",
        "kwargsrepr": "…",
        "origin": "outbox",
        "ignore_result": True,
    }
