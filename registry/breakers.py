"""Circuit breakers: a store that failed three times running is left alone for a while.

One breaker a process and store. A caller asks :meth:`Breaker.admits` before it turns to the store and
tells how that went with exactly one of :meth:`~Breaker.succeeded`, :meth:`~Breaker.failed` and
:meth:`~Breaker.abandoned`. No lock is held during the call (docs/decisions/0006).
"""

import os
import random
import threading
import time
from enum import IntEnum

FAILURES = 3
FIRST_SECONDS, LONGEST_SECONDS = 1.0, 30.0
JITTER = 0.2
PROBE_SECONDS = 60.0  # a probe that has not reported by then is taken for lost


class State(IntEnum):
    """How a breaker stands; a number, so that it can be a metric."""

    CLOSED = 0
    HALF_OPEN = 1
    OPEN = 2


class Breaker:
    """Counts consecutive failures; opens at three for 1 s, then 2, 4, … 30 s, with one probe in between."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.reset()

    def reset(self) -> None:
        """Forget everything: for a new address of the store, a forked process, a test."""
        self._lock = threading.Lock()
        self._failures = 0
        self._state = State.CLOSED
        self._seconds = FIRST_SECONDS
        self._until = 0.0
        self.times_opened = 0

    @property
    def state(self) -> State:
        """How it stands; open also when the time is over and no call has come to probe."""
        return self._state

    @property
    def seconds_left(self) -> float:
        """How long it stays open; 0 where a call would be let through."""
        return max(0.0, self._until - time.monotonic()) if self._state is State.OPEN else 0.0

    def admits(self) -> bool:
        """Whether a call may go to the store; where it was open, one call may, to probe it."""
        return self._state is State.CLOSED or self._may_probe()

    def _may_probe(self) -> bool:
        with self._lock:
            if self._state is State.CLOSED:  # since the question
                return True
            now = time.monotonic()
            if now < self._until:
                return False
            self._state = State.HALF_OPEN
            self._until = now + PROBE_SECONDS
            return True

    def succeeded(self) -> None:
        """The store answered, be it with an error of its own."""
        if self._state is State.CLOSED and not self._failures:
            return
        with self._lock:
            self._failures = 0
            self._state = State.CLOSED
            self._seconds = FIRST_SECONDS

    def failed(self) -> None:
        """The store could not be reached or did not answer in time."""
        with self._lock:
            self._failures += 1
            if self._state is State.OPEN or (self._state is State.CLOSED and self._failures < FAILURES):
                return
            self._state = State.OPEN
            self.times_opened += 1
            # Jitter, so that many processes do not probe in step.
            self._until = time.monotonic() + self._seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
            self._seconds = min(self._seconds * 2, LONGEST_SECONDS)

    def abandoned(self) -> None:
        """The call says nothing about the store; where it was the probe, the next call is."""
        if self._state is not State.HALF_OPEN:
            return
        with self._lock:
            if self._state is State.HALF_OPEN:
                self._state = State.OPEN
                self._until = 0.0


POSTGRESQL = Breaker("postgresql")
MONGODB = Breaker("mongodb")
REDIS_CACHE = Breaker("redis-cache")
REDIS_STORE = Breaker("redis-store")
ALL = (POSTGRESQL, MONGODB, REDIS_CACHE, REDIS_STORE)


def reset_all() -> None:
    """Close every breaker and forget what it counted."""
    for breaker in ALL:
        breaker.reset()


# A fork copies locks as they are held; the child knows nothing of the stores anyway.
os.register_at_fork(after_in_child=reset_all)
