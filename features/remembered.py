"""What was read from PostgreSQL a moment ago, and goes on to be believed while PostgreSQL is away."""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError

from registry.postgres.deadlines import within

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
AWAY_SECONDS = 3_600.0  # how long an answer is believed at most while PostgreSQL is away
AGAIN_SECONDS = 1.0
WAIT_SECONDS = 0.5
MOST = 5_000


class Remembered(Generic[Key, Value]):
    """A source's answers by key, each asked for again after ``seconds`` by one thread at a time.

    The others go on with what was true a moment ago; where nothing was, they wait for that thread's answer
    or failure. An answer that did not change stays the same object.

    Args:
        read: asks PostgreSQL; what it raises is the caller's, and nothing is kept of it.
        fallback: knows an answer, or None, where PostgreSQL is away and nothing is remembered.
    """

    def __init__(
        self,
        read: Callable[[Key], Value],
        *,
        seconds: float,
        fallback: Callable[[Key], Value | None] | None = None,
    ) -> None:
        self._read, self._seconds, self._fallback = read, seconds, fallback
        self._known: dict[Key, tuple[Value, float, float]] = {}  # value, read at, fresh until
        self._flights: dict[Key, Future[Value]] = {}
        self._lock = threading.Lock()

    def __call__(self, key: Key) -> Value:
        """The answer, at most ``seconds`` old; older where PostgreSQL is away and it was known.

        Raises:
            OperationalError, InterfaceError: PostgreSQL is away, and nothing is known.
        """
        known = self._known.get(key)
        if known is not None and time.monotonic() < known[2]:
            return known[0]
        ours: Future[Value] = Future()
        with self._lock:
            known = self._known.get(key)
            if known is not None and time.monotonic() < known[2]:  # since the question
                return known[0]
            flight = self._flights.setdefault(key, ours)
        if flight is not ours:
            return flight.result() if known is None else known[0]
        try:
            value = self._asked(key, known, ours)
        except BaseException as error:
            ours.set_exception(error)
            raise
        finally:
            self._land(key, ours)
        ours.set_result(value)
        return value

    def forget(self) -> None:
        """Ask again for everything; what is being read now is not kept."""
        with self._lock:
            self._known.clear()
            self._flights.clear()

    def _asked(self, key: Key, known: tuple[Value, float, float] | None, flight: Future[Value]) -> Value:
        now = time.monotonic()
        try:
            value = self._asked_source(key, is_known=known is not None)
        except (OperationalError, InterfaceError) as away:
            value, read_at = self._without_source(key, known, away)
            self._keep(key, (value, read_at, now + AGAIN_SECONDS), flight)
            return value
        except BaseException:
            self._known.pop(key, None)
            raise
        if known is not None and known[0] == value:
            value = known[0]
        self._keep(key, (value, now, now + self._seconds), flight)
        return value

    def _asked_source(self, key: Key, *, is_known: bool) -> Value:
        if not is_known and self._fallback is None:
            return self._read(key)
        with within(WAIT_SECONDS):
            return self._read(key)

    def _without_source(
        self, key: Key, known: tuple[Value, float, float] | None, away: Exception
    ) -> tuple[Value, float]:
        """What stands in, and when it was read."""
        now = time.monotonic()
        if known is not None and now - known[1] <= AWAY_SECONDS:
            return known[0], known[1]
        found = self._fallback(key) if self._fallback is not None else None
        if found is None:
            raise away
        return found, now

    def _keep(self, key: Key, known: tuple[Value, float, float], flight: Future[Value]) -> None:
        with self._lock:
            if self._flights.get(key) is not flight:
                return  # forgotten meanwhile
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = known

    def _land(self, key: Key, flight: Future[Value]) -> None:
        with self._lock:
            if self._flights.get(key) is flight:
                del self._flights[key]
