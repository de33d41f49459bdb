"""Announcements over the broker: a queue for each process that listens, gone when it goes."""

import logging
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import kombu

from registry.fields import new_hex_id

from .announcing import LISTENERS, heard
from .broker import connection, errors, on_broker
from .entities import exchange
from .topology import Exchanges

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.5
RETRY_SECONDS = 2.0
EXPIRES_SECONDS = 600.0
TELL_SECONDS = 1.0


def tell(kind: str, details: dict[str, Any]) -> None:
    """Publish an announcement; where the broker is away, the caller waits a second at most."""
    broker = connection(seconds=TELL_SECONDS)
    try:
        with broker:
            broker.ensure_connection(max_retries=0)
            where = exchange(Exchanges.ANNOUNCEMENTS)
            body = {"kind": kind, "details": details, "from": _self()}
            broker.Producer().publish(
                body, exchange=where, declare=[where], serializer="json", delivery_mode=1
            )
    except errors(broker) as error:
        logger.warning("%r was not announced: %s: %s", kind, type(error).__name__, error)


def listen(stop: threading.Event, ready: Callable[[], None] = lambda: None) -> None:
    """Hear announcements until ``stop`` is set; the broker may come and go."""
    while not stop.is_set():
        broker = connection()
        try:
            with broker:
                broker.ensure_connection(max_retries=1, interval_start=0.1)
                _hear(broker, stop, ready)
        except errors(broker) as error:
            logger.warning("Announcements are not heard: %s: %s", type(error).__name__, error)
            stop.wait(RETRY_SECONDS)


def start_listening(stop: threading.Event) -> threading.Thread | None:
    """Listen in a thread, where anybody here wants to hear anything."""
    if not any(LISTENERS.values()):
        return None
    thread = threading.Thread(target=listen, args=(stop,), name="announcements", daemon=True)
    thread.start()
    return thread


def _hear(broker: kombu.Connection, stop: threading.Event, ready: Callable[[], None]) -> None:
    own = kombu.Queue(
        f"{on_broker(Exchanges.ANNOUNCEMENTS)}.{new_hex_id()}",
        exchange=exchange(Exchanges.ANNOUNCEMENTS),
        durable=False,
        auto_delete=True,
        expires=EXPIRES_SECONDS,
    )
    with broker.Consumer([own], callbacks=[_take], accept=["json"], no_ack=True):
        with suppress(socket.timeout):
            broker.drain_events(timeout=0.01)  # Redis: subscribe
        ready()
        while not stop.is_set():
            with suppress(socket.timeout):
                broker.drain_events(timeout=POLL_SECONDS)


def _take(body: Any, _message: kombu.Message) -> None:
    match body:
        case {"kind": str(kind), "details": dict(details), "from": str(teller)}:
            if teller != _self():
                heard(kind, details)
        case _:
            logger.warning("An announcement can't be read: %.200r", body)


def _self() -> str:
    """This process, which has heard its own announcements already; after a fork, the child."""
    return f"{os.uname().nodename}-{os.getpid()}"
