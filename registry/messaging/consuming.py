"""The consumer process: takes messages of many queues, many at once, until told to stop.

What it has in hand and does not finish goes back to the broker; what the broker loses, the sweep brings.
"""

import logging
import socket
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from functools import partial

import kombu
from django.db import connection as session

from .broker import connection, errors
from .entities import declare, queue
from .patience import PostgresqlAwayError
from .receiving import handle
from .registering import CONSUMERS
from .topology import Queues

logger = logging.getLogger(__name__)
DEAD_BATCH = 20
# A batch is begun when it is full, or when nothing more has come for so long.
GATHER_SECONDS, IDLE_SECONDS = 0.02, 0.5
RETRY_SECONDS = 1.0


def queues_consumed() -> list[Queues]:
    """Those that somebody registered a consumer of, and the dead letters."""
    return [*CONSUMERS, Queues.DEAD]


def consume(stop: threading.Event, queues: Sequence[Queues]) -> None:
    """Take what comes, until ``stop`` is set, whatever happens: what is in hand goes back to the broker."""
    while not stop.is_set():
        broker = connection()
        try:
            with broker:
                broker.ensure_connection(max_retries=1, interval_start=0.1)
                declare(broker)
                _take(broker, stop, queues)
        except PostgresqlAwayError as error:
            logger.warning("PostgreSQL is away, messages stay with the broker: %s", error)
        except errors(broker) as error:
            logger.warning("The broker is away: %s: %s", type(error).__name__, error)
            stop.wait(RETRY_SECONDS)
        except Exception:
            logger.exception("Consuming failed and begins anew")
            session.close()  # it may be the session that is broken
            stop.wait(RETRY_SECONDS)


def _take(broker: kombu.Connection, stop: threading.Event, queues: Sequence[Queues]) -> None:
    hands: dict[Queues, list[kombu.Message]] = {name: [] for name in queues}
    with ExitStack() as consumers:
        for name in queues:
            consumers.enter_context(_consumer(broker, name, hands[name]))
        while not stop.is_set():
            with suppress(socket.timeout):
                broker.drain_events(timeout=IDLE_SECONDS)
                while not any(len(hand) >= _batch(name) for name, hand in hands.items()):
                    broker.drain_events(timeout=GATHER_SECONDS)
            for name, hand in hands.items():
                if hand:
                    handle(name, hand)
                    hand.clear()


def _consumer(broker: kombu.Connection, name: Queues, hand: list[kombu.Message]) -> kombu.Consumer:
    """On a channel of its own, so that each queue has its own limit of messages in hand."""
    found = kombu.Consumer(
        broker.channel(),
        [queue(name)],
        on_message=hand.append,
        prefetch_count=_batch(name),
        auto_declare=False,
    )
    found.on_decode_error = partial(_into, hand)
    return found


def _into(hand: list[kombu.Message], message: kombu.Message, _error: Exception) -> None:
    """What can't be unpacked is read again by :func:`handle`, which writes it down."""
    hand.append(message)


def _batch(name: Queues) -> int:
    return CONSUMERS[name].batch if name in CONSUMERS else DEAD_BATCH
