"""One window as this process spends it."""

import threading
import time

from .ledger import Grant, LedgerAwayError, Window, ledger
from .own_count import OwnCount

FIRST_GRANT = 8
# One process holds no more of the limit than this at once.
LARGEST_SHARE = 20
ASK_AGAIN_SECONDS = 1.0


class Allowance:
    """Spends grants from the ledger; without it, what this process may have alone.

    Threads may share it. While one asks the ledger, those with the same window wait for its answer.
    """

    def __init__(self, window: Window, *, is_exact: bool = False) -> None:
        """``is_exact`` asks for each single one."""
        self.window = window
        self._largest = 1 if is_exact else max(1, window.limit // LARGEST_SHARE)
        self._wanted = min(FIRST_GRANT, self._largest)
        self._grant = Grant(0)
        self._left = 0
        self._until = 0.0
        self._refused_until = self._free_at = 0.0
        self._own = OwnCount()
        self._lock = threading.Lock()
        self.used_at = 0.0

    def spend(self) -> float:
        """Spend one; returns 0, or in how many seconds it is worth another try."""
        with self._lock:
            now = self.used_at = time.monotonic()
            if self._left and now < self._until:
                self._left -= 1
                self._own.add(self._slot(now))
                return 0.0
            if now < self._refused_until:
                return self._free_at - now
            return self._ask(now)

    def put_back(self) -> None:
        """Take back the last one spent: it counts for nothing (a call)."""
        with self._lock:
            self._own.add(self._slot(time.monotonic()), -1)
            if self._grant.slot:
                try:
                    ledger().take(self.window, wanted=0, returned=1, returned_slot=self._grant.slot)
                except LedgerAwayError:
                    return  # it counts until it leaves the window

    def _ask(self, now: float) -> float:
        slot = self._slot(now)
        room = self.window.limit - self._own.total(slot - self.window.slot_count + 1)
        if room <= 0:
            return self._refuse(now, self._next_free(slot) - now)
        self._plan(now)
        wanted = min(self._wanted, room)
        try:
            grant = ledger().take(
                self.window, wanted=wanted, returned=self._left, returned_slot=self._grant.slot
            )
        except LedgerAwayError:
            self._grant, self._left = Grant(0), 0
            self._own.add(slot)
            return 0.0
        self._grant, self._left = grant, grant.amount
        self._until = now + self.window.life_seconds
        if not grant.amount:
            return self._refuse(now, grant.wait_seconds)
        self._left -= 1
        self._own.add(slot)
        return 0.0

    def _plan(self, now: float) -> None:
        """Want twice as much where the last grant was spent before its time, else what was spent of it."""
        given = self._grant.amount
        if given:
            wanted = given - self._left if self._left or now >= self._until else given * 2
            self._wanted = max(1, min(self._largest, wanted))

    def _next_free(self, slot: int) -> float:
        oldest = self._own.oldest
        return ((slot if oldest is None else oldest) + self.window.slot_count) * self.window.slot_seconds

    def _refuse(self, now: float, wait_seconds: float) -> float:
        self._free_at = now + max(wait_seconds, 0.1)
        self._refused_until = min(self._free_at, now + ASK_AGAIN_SECONDS)
        return self._free_at - now

    def _slot(self, now: float) -> int:
        return int(now) // self.window.slot_seconds
