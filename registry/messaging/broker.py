"""Where the broker is, how one connects, and what names have there; RabbitMQ or Redis, by ``BROKER_URL``."""

from typing import Any

from django.conf import settings
from kombu import Connection
from kombu.exceptions import KombuError

from .protocols import is_rabbitmq

CONNECT_SECONDS = 3
ANSWER_SECONDS = 5.0
VISIBILITY_SECONDS = 300
"""How long Redis waits before it brings back what nobody acknowledged. A second copy does no harm."""
VISIBILITY = "visibility_timeout"
HIGHEST_PRIORITY = 9


def transport_options() -> dict[str, Any]:
    """Kombu's and Celery's options for the broker."""
    if is_rabbitmq():
        return {"connect_timeout": CONNECT_SECONDS}
    return {
        "global_keyprefix": f"{settings.BROKER_PREFIX}:broker:",
        "priority_steps": list(range(HIGHEST_PRIORITY + 1)),
        VISIBILITY: VISIBILITY_SECONDS,
        # one look a second for what nobody acknowledged is enough, and each counts
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": CONNECT_SECONDS,
        "socket_timeout": ANSWER_SECONDS,
        "socket_keepalive": True,
    }


def connection(*, seconds: float | None = None) -> Connection:
    """A connection of the caller's own, not open yet.

    Args:
        seconds: how long connecting and each answer may take, where somebody waits; by default the broker's.

    Without heartbeats, which only an idle loop would send: a peer that is gone is found by TCP's keepalive,
    which py-amqp sets (after 60 s, then nine times each 10 s), and by the deadlines of those who ask.
    """
    options = transport_options()
    if seconds is not None:
        options |= {name: seconds for name in options if name.endswith("_timeout") and name != VISIBILITY}
    return Connection(
        settings.BROKER_URL,
        connect_timeout=seconds or CONNECT_SECONDS,
        heartbeat=0,
        transport_options=options,
    )


def errors(broker: Connection) -> tuple[type[Exception], ...]:
    """What a broker that is away, or goes away, raises."""
    return (*broker.connection_errors, *broker.channel_errors, KombuError, OSError)


def on_broker(name: str) -> str:
    """What an exchange or queue is called there: Redis's keys have the prefix anyway."""
    return f"{settings.BROKER_PREFIX}.{name}" if is_rabbitmq() else name


def from_broker(name: str) -> str:
    """The other way round: what we call a queue of the broker's."""
    return name.removeprefix(on_broker(""))


def broker_priority(priority: int) -> int:
    """Ours, 9 first, as the broker counts: Redis takes 0 first."""
    return priority if is_rabbitmq() else HIGHEST_PRIORITY - priority
