"""Hearing Redis's bells in a loop over sockets, and doing without them while it is away."""

import selectors
import socket
from collections.abc import Set as AbstractSet

from features.online.doorbells import Listener
from registry.exceptions import StoreUnavailableError

ASK_SECONDS, SILENT_SECONDS = 5.0, 2.0
FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 1.0, 8.0


class Bells:
    """The bells of one hub; a connection is kept while somebody watches."""

    def __init__(self, selector: selectors.BaseSelector) -> None:
        self._selector = selector
        self._listener: Listener | None = None
        self._registered: socket.socket | int | None = None
        self._wanted: AbstractSet[str] = frozenset()
        self._ask_at = self._retry_at = 0.0
        self._asked_at: float | None = None
        self._retry_seconds = FIRST_RETRY_SECONDS

    @property
    def are_heard(self) -> bool:
        """Whether Redis is there."""
        return self._listener is not None

    def heard(self, wanted: AbstractSet[str], now: float) -> AbstractSet[str]:
        """Those of the wanted bells that rang; all of them after one could not hear."""
        try:
            if not wanted:
                return frozenset()
            if self._listener is None:
                return self._connect(wanted, now)
            if wanted != self._wanted:
                self._listener.listen_to(wanted)
                self._wanted = wanted
            heard = self._listener.rung()
            self._ask(self._listener, now)
        except StoreUnavailableError:
            self.close()
            self._retry_at = now + self._retry_seconds
            self._retry_seconds = min(2 * self._retry_seconds, LONGEST_RETRY_SECONDS)
            return frozenset()
        return heard

    def close(self) -> None:
        """Hang up."""
        listener, registered = self._listener, self._registered
        self._listener = self._registered = None
        self._wanted = frozenset()
        if registered is not None:
            self._selector.unregister(registered)
        if listener is not None:
            listener.close()

    def _connect(self, wanted: AbstractSet[str], now: float) -> AbstractSet[str]:
        if now < self._retry_at:
            return frozenset()
        self._listener = Listener()
        self._registered = self._listener.fileno()
        self._selector.register(self._registered, selectors.EVENT_READ, None)
        self._listener.listen_to(wanted)
        self._wanted, self._retry_seconds = wanted, FIRST_RETRY_SECONDS
        self._ask_at, self._asked_at = now + ASK_SECONDS, None
        return wanted

    def _ask(self, listener: Listener, now: float) -> None:
        """A hung server's connection stays open and says nothing."""
        if self._asked_at is not None:
            if listener.heard_at >= self._asked_at:
                self._asked_at = None
            elif now - self._asked_at > SILENT_SECONDS:
                raise StoreUnavailableError("Redis is silent.")
        elif now >= self._ask_at:
            self._ask_at, self._asked_at = now + ASK_SECONDS, now
            listener.ask_for_a_sign()
