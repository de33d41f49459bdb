"""Doorbells: that something changed, never what. What is shown is read from PostgreSQL.

A bell may be lost: whoever listens also looks by themselves now and then, and once more a moment after
the last bell (``LOOK_AGAIN_SECONDS``), so that :func:`ring` may leave out what comes within
``EVERY_SECONDS``.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from redis.client import Pipeline, PubSub
from redis.exceptions import RedisError

from features import keys

from .connection import cache, client
from .errors import told_plainly

EVERY_SECONDS = 0.2
LOOK_AGAIN_SECONDS = 0.3
QUIET_SECONDS = 5.0
MOST_REMEMBERED = 5_000
BOARDS, WORKERS = "boards", "workers"

_rung: dict[str, float] = {}
_quiet_until = 0.0


def ring(bell: str, *, beside: Callable[[Pipeline], object] | None = None) -> bool:
    """Ring a bell, unless it rang a moment ago (one round trip); returns whether it rang.

    Never raises, and waits for Redis at most once in ``QUIET_SECONDS`` while it is away.

    Args:
        bell: a run's id, ``BOARDS`` or ``WORKERS``.
        beside: puts more commands into the same round trip.
    """
    global _quiet_until  # noqa: PLW0603 (one a process)
    if not may_ring(bell):
        return False
    now = time.monotonic()
    if len(_rung) >= MOST_REMEMBERED:
        _rung.clear()
    _rung[bell] = now
    try:
        with cache().pipeline(transaction=False) as pipe:
            pipe.publish(keys.bell(bell), b"")
            if beside is not None:
                beside(pipe)
            pipe.execute(raise_on_error=False)  # a Redis that is full still rings
    except RedisError:
        _quiet_until = now + QUIET_SECONDS
        return False
    return True


def may_ring(bell: str) -> bool:
    """Whether the bell did not ring a moment ago, and Redis is not left alone."""
    now = time.monotonic()
    return now - _rung.get(bell, 0.0) >= EVERY_SECONDS and now >= _quiet_until


def forget_rung() -> None:
    """Ring the next time whatever rang before: for tests."""
    global _quiet_until  # noqa: PLW0603 (one a process)
    _rung.clear()
    _quiet_until = 0.0


class Listener:
    """Hears bells on a connection of its own; for one thread.

    Raises:
        StoreUnavailableError: from every method, where Redis does not answer; close it then.
    """

    def __init__(self) -> None:
        self._server = client(settings.REDIS_CACHE_URL)
        self._pubsub: PubSub = self._server.pubsub()  # type: ignore[no-untyped-call]
        self._bells: set[str] = set()
        self.heard_at = time.monotonic()
        with told_plainly():
            self._pubsub.subscribe(keys.bell("nobody"))  # connects, and keeps the subscription open

    def fileno(self) -> int:
        """Readable when a bell rings."""
        connection: Any = self._pubsub.connection
        return int(connection._sock.fileno())  # noqa: SLF001 (redis-py has no public word for it)

    def listen_to(self, bells: Iterable[str]) -> None:
        """Hear these bells, and no others."""
        wanted = set(bells)
        with told_plainly():
            if fresh := wanted - self._bells:
                self._pubsub.subscribe(*map(keys.bell, fresh))
            if gone := self._bells - wanted:
                self._pubsub.unsubscribe(*map(keys.bell, gone))  # type: ignore[no-untyped-call]
        self._bells = wanted

    def rung(self) -> set[str]:
        """The bells that rang since the last time; does not wait."""
        heard: set[str] = set()
        with told_plainly():
            while (message := self._pubsub.get_message(timeout=0)) is not None:
                self.heard_at = time.monotonic()
                if message["type"] == "message":
                    heard.add(keys.bell_of(message["channel"].decode()))
        return heard & self._bells

    def ask_for_a_sign(self) -> None:
        """Make Redis say something, so that a silent connection is told from a dead one."""
        with told_plainly():
            self._pubsub.ping()

    def close(self) -> None:
        """Shut the connection."""
        self._pubsub.close()
        self._server.close()
