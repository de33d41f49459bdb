"""What sagas are made of. The services declare their kinds; the engine runs them."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.models import Saga

Action = Callable[[Saga], object]


class Again:
    """A step's answer: it did a part of its work, call it once more."""


AGAIN = Again()


@dataclass(frozen=True)
class Step:
    """One step, safe to repeat.

    Attributes:
        name: what it does, in a word or two.
        do: changes PostgreSQL, in the transaction that also writes the step down as done; other stores
            are reached through the outbox. Returns ``AGAIN`` while there is more. None where the check
            is all there is to it, or whoever began the saga has done it.
        undo: takes it back, in the transaction that writes that down.
        check: looks at other stores or files before ``do``, outside of any transaction.
    """

    name: str
    do: Action | None = None
    undo: Action | None = None
    check: Action | None = None


@dataclass(frozen=True)
class SagaKind:
    """An operation of several steps.

    Attributes:
        pivot: the name of the step that decides: until it is done the saga can be undone, and from
            then on it only goes forward.
        minutes: how long it may take to reach its pivot; after that it is undone.
    """

    name: str
    steps: tuple[Step, ...]
    pivot: str
    minutes: int = 60


KINDS: dict[str, SagaKind] = {}


def declare(kind: SagaKind) -> SagaKind:
    """Make a kind known to the engine."""
    KINDS[kind.name] = kind
    return kind
