"""Taking a move one step further, or one step back: the work of the step, then the change of state."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from registry.enums import DualWriteState as State
from registry.exceptions import ConflictError
from registry.models import DualWrite

from . import divergences
from .comparing import Comparison, Progress, compare
from .copying import copy
from .holding import alone, flip, only_mover
from .sides import Move
from .states import MUST_AGREE, copy_targets, step_after, step_before

NOT_COPIED = {"copied_to": "", "copied": 0, "is_copied": False}
SHOWN = 3


@dataclass(frozen=True)
class Moved:
    """A step that was taken.

    Attributes:
        seconds: the whole step; ``held_seconds`` of it no writer got on.
        copied: records that the step's copies brought over.
    """

    before: State
    after: State
    seconds: float
    held_seconds: float
    copied: int
    comparison: Comparison | None

    @property
    def told(self) -> dict[str, Any]:
        """The figures."""
        names = ("before", "after", "seconds", "held_seconds", "copied")
        comparison = self.comparison.told if self.comparison else None
        return {name: getattr(self, name) for name in names} | {"comparison": comparison}


Step = Iterator[Progress | Moved]


def advance(move: Move, *, scope: str = "") -> Step:
    """Take the next step towards the new store; yields progress, then what was done.

    A step that died is taken up where it stopped.

    Args:
        scope: one experiment that moves by itself; empty for all others.

    Raises:
        ConflictError: the stores differ, or there is no such step; nothing changed state.
        StoreUnavailableError: a store does not answer.
    """
    with only_mover(f"{move.name}:{scope}"):
        row = _row(move.name, scope)
        to = step_after(State(row.state))
        if to is None:
            raise ConflictError(f"{row} is done. There is no step after it.")
        yield from _step(move, row, to)


def rollback(move: Move, *, scope: str = "") -> Step:
    """Take one step back towards the old store; else as :func:`advance`."""
    with only_mover(f"{move.name}:{scope}"):
        row = _row(move.name, scope)
        to = step_before(State(row.state))
        if to is None:
            raise ConflictError(f"{row} is off. There is no step before it.")
        yield from _step(move, row, to)


def _row(name: str, scope: str) -> DualWrite:
    """The row of a scope; a new one stands where all others stand."""
    found = DualWrite.objects.filter(name=name, scope=scope).first()
    if found:
        return found
    with alone(name):
        others = DualWrite.objects.filter(name=name, scope="").first()
        like = {"state": others.state, "is_copied": others.is_copied} if others and scope else {}
        return DualWrite.objects.get_or_create(name=name, scope=scope, defaults=like)[0]


def _step(move: Move, row: DualWrite, to: State) -> Step:
    began, before = time.perf_counter(), State(row.state)
    comparison = None
    copied = yield from _copy_first(move, row, before, to)
    if (before, to) in MUST_AGREE:
        comparison = yield from compare(move, row)
        _refuse_differing(move, row, comparison)
    is_edge = {before, to} & {State.OFF, State.DONE}  # where one store alone is written
    held = flip(
        row,
        to,
        must_agree=comparison is not None,
        switches_back=to == step_before(before),
        **(NOT_COPIED if is_edge else {}),
    )
    if before in (State.OFF, State.DONE):
        copied += yield from _copy(move, row, to)
    yield Moved(before, to, time.perf_counter() - began, held, copied, comparison)


def _copy_first(move: Move, row: DualWrite, before: State, to: State) -> Generator[Progress, None, int]:
    """What a step that died has left, and nearly all of what only the new store has while it is alone."""
    if before == State.DONE or (before, to) in MUST_AGREE:
        return (yield from _copy(move, row, before))
    return 0


def _copy(move: Move, row: DualWrite, state: State) -> Generator[Progress, None, int]:
    ways = copy_targets(state)
    if ways is None or row.is_copied:
        return 0
    return (yield from copy(move, row, *ways))


def _refuse_differing(move: Move, row: DualWrite, found: Comparison) -> None:
    if found.waiting:
        raise ConflictError(
            f"What {found.waiting} owners of {move.name} are owed waits for its store: that is lag,"
            " not divergence."
            " Let `manage.py relay_outbox --once` deliver them (`manage.py doctor` says what is parked),"
            " then ask for the step again."
        )
    open_ones = divergences.open_ones(row.pk).count()
    if found.is_clean and not open_ones:
        return
    samples = "; ".join(f"{each.key} {each.kind.label.lower()}" for each in found.samples[:SHOWN])
    raise ConflictError(
        f"{max(found.differing, open_ones)} records of {move.name} differ"
        f" ({move.old.title} has {found.old.records}, {move.new.title} {found.new.records}): {samples}."
        f" Mend them with: manage.py dual_write repair {move.name}"
    )
