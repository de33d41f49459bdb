"""The stores that effects go to. Those above this package enrol themselves (features: Redis)."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Entry(NamedTuple):
    """An outbox row as it is worked on."""

    id: int
    target: int
    topic: str
    aggregate_id: str
    document_id: str
    version: int
    attempts: int


Refusal = tuple[Entry, str]


class TargetUnavailableError(Exception):
    """The store did not answer, or not in time: try again later, nothing is wrong with the effects.

    ``taken``: those that it confirmed before that, which are not applied again.
    """

    def __init__(self, message: str = "", *, taken: Sequence[Entry] = ()) -> None:
        super().__init__(message)
        self.taken = taken


class Target(Protocol):
    """Applies effects, each safe to repeat and in any order."""

    title: str

    def ping(self) -> None:
        """Ask for a sign of life.

        Raises:
            TargetUnavailableError: there is none.
        """

    def apply(self, entries: Sequence[Entry], *, seconds: float) -> list[Refusal]:
        """Apply effects within a deadline; returns those that the store will never take, with the reason.

        Raises:
            TargetUnavailableError: the store did not answer in time; any part may have been applied.
        """


TARGETS: dict[int, Target] = {}


def enrol(number: int, target: Target) -> None:
    """Say who applies the effects of an outbox target."""
    TARGETS[number] = target
