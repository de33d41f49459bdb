"""The topology as kombu declares it."""

from typing import Any

import kombu

from .broker import on_broker
from .protocols import is_rabbitmq
from .topology import EXCHANGE_TYPES, QUEUES, Binding, Exchanges, Queues


def exchange(name: Exchanges) -> kombu.Exchange:
    """An exchange, under its name at the broker."""
    return kombu.Exchange(on_broker(name), type=EXCHANGE_TYPES[name], durable=True)


def queue(name: Queues) -> kombu.Queue:
    """A queue with its bindings; on Redis there are none (messages go straight to it)."""
    spec = QUEUES[name]
    if not is_rabbitmq():
        return kombu.Queue(on_broker(name), routing_key=on_broker(name))
    return kombu.Queue(
        on_broker(name),
        bindings=[_binding(each) for each in spec.bindings],
        queue_arguments=dict(spec.arguments),
        durable=True,
    )


def declare(connection: kombu.Connection) -> None:
    """Declare everything on RabbitMQ, again if need be: a queue that was lost is there afterwards.

    Raises:
        Exception: one of the connection's errors; also where a queue is there with other arguments.
    """
    if not is_rabbitmq():
        return
    with connection.channel() as channel:
        for each in EXCHANGE_TYPES:
            exchange(each).bind(channel).declare()
        for name in QUEUES:
            queue(name).bind(channel).declare()


def _binding(each: Binding) -> kombu.binding:
    arguments: dict[str, Any] = {}
    key = on_broker(each.routing_key) if each.exchange is Exchanges.TASKS else each.routing_key
    if EXCHANGE_TYPES[each.exchange] == "headers":
        arguments = {"x-match": "all", **each.headers}
    return kombu.binding(exchange(each.exchange), routing_key=key, arguments=arguments)
