"""What was read from PostgreSQL a moment ago, and goes on to be believed while PostgreSQL is away."""

import threading
import time
from collections.abc import Callable, Hashable
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
    """A source's answers by key, each asked for again after ``seconds``.

    Args:
        read: asks PostgreSQL; what it raises is the caller's, and nothing is kept of it.
    """

    def __init__(self, read: Callable[[Key], Value], *, seconds: float) -> None:
        self._read, self._seconds = read, seconds
        self._known: dict[Key, tuple[Value, float, float]] = {}  # value, read at, fresh until
        self._lock = threading.Lock()

    def __call__(self, key: Key) -> Value:
        """The answer, at most ``seconds`` old; older where PostgreSQL is away and it was known.

        Raises:
            OperationalError, InterfaceError: PostgreSQL is away, and nothing is known.
        """
        known, now = self._known.get(key), time.monotonic()
        if known is not None and now < known[2]:
            return known[0]
        try:
            value = self._asked(key, is_known=known is not None)
        except (OperationalError, InterfaceError):
            if known is None or now - known[1] > AWAY_SECONDS:
                raise
            self._keep(key, (known[0], known[1], now + AGAIN_SECONDS))
            return known[0]
        except BaseException:
            self._known.pop(key, None)
            raise
        self._keep(key, (value, now, now + self._seconds))
        return value

    def forget(self) -> None:
        """Ask again for everything."""
        self._known.clear()

    def _asked(self, key: Key, *, is_known: bool) -> Value:
        if not is_known:
            return self._read(key)
        with within(WAIT_SECONDS):
            return self._read(key)

    def _keep(self, key: Key, known: tuple[Value, float, float]) -> None:
        with self._lock:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[key] = known
