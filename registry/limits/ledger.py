"""Where windows are kept for all processes. Those above this package enrol it (features: Redis)."""

from dataclasses import dataclass
from typing import Protocol


class LedgerAwayError(Exception):
    """The ledger did not answer, or not in time."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``limit`` in any ``seconds``, counted in slots of ``slot_seconds``.

    A slot counts in whole for as long as a part of it may still be spent within the window, so the limit
    is never passed; what that costs is the last slot's worth of time.
    """

    name: str
    limit: int
    seconds: int
    life_seconds: float = 1.0

    @property
    def slot_seconds(self) -> int:
        """A sixtieth of the window."""
        return max(1, self.seconds // 60)

    @property
    def slot_count(self) -> int:
        """How many slots count: those of the window, of a grant's life, and the one that has begun."""
        return -(-int(self.seconds + self.life_seconds) // self.slot_seconds) + 1


@dataclass(frozen=True, slots=True)
class Grant:
    """What may be spent, and the slot it was written down in; where it is 0, for how long."""

    amount: int
    slot: int = 0
    wait_seconds: float = 0.0


class Ledger(Protocol):
    """Writes down what it grants."""

    def take(self, window: Window, *, wanted: int, returned: int = 0, returned_slot: int = 0) -> Grant:
        """Grant up to ``wanted``, after what is left of an earlier grant was put back (one call).

        Raises:
            LedgerAwayError: nothing is known.
        """


class NoLedger:
    """Before one is enrolled."""

    def take(self, window: Window, **_: int) -> Grant:
        """Nothing."""
        raise LedgerAwayError(f"Nobody keeps windows for {window.name}.")


_enrolled: list[Ledger] = [NoLedger()]


def enrol(ledger: Ledger) -> None:
    """Say who keeps the windows."""
    _enrolled[0] = ledger


def ledger() -> Ledger:
    """Who keeps the windows."""
    return _enrolled[0]
