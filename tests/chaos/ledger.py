"""What the clients were told: the truth that the stores are held against."""

import threading
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Told:
    """One run, as its client knows it. Each field has one writer at a time."""

    reference: str
    run_id: str = ""
    expected: dict[str, Any] = field(default_factory=dict)  # the last acknowledged value by field
    unsure: set[str] = field(default_factory=set)  # fields whose last request got no answer
    notes: list[str] = field(default_factory=list)  # acknowledged


@dataclass
class Ledger:
    """All runs of one round, and how the requests went."""

    experiment: str
    runs: list[Told] = field(default_factory=list)
    operations: int = 0
    acknowledged: int = 0
    attempts: int = 0
    seconds: list[float] = field(default_factory=list)  # of each acknowledged registration
    refusals: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, *, is_acknowledged: bool, attempts: int) -> None:
        with self._lock:
            self.operations += 1
            self.acknowledged += is_acknowledged
            self.attempts += attempts

    @property
    def registered(self) -> list[Told]:
        """Runs whose registration was acknowledged."""
        return [told for told in self.runs if told.run_id]
