"""What this process allowed within a window, for when nobody else knows."""

from collections import deque


class OwnCount:
    """Counts in slots; the time is the caller's, in seconds of any clock that only goes forward."""

    __slots__ = ("_slots", "_total")

    def __init__(self) -> None:
        self._slots: deque[list[int]] = deque()
        self._total = 0

    def add(self, slot: int, amount: int = 1) -> None:
        """Count something in a slot, not before the last one; a negative amount takes it back."""
        slots = self._slots
        if not slots or slots[-1][0] != slot:
            slots.append([slot, 0])
        slots[-1][1] += amount
        self._total += amount

    def total(self, since: int) -> int:
        """How much was counted from this slot on; what was before is forgotten."""
        slots = self._slots
        while slots and slots[0][0] < since:
            self._total -= slots.popleft()[1]
        return self._total

    @property
    def oldest(self) -> int | None:
        """The first slot that still counts."""
        return self._slots[0][0] if self._slots else None
