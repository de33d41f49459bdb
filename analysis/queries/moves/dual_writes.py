"""Dual write as the page shows it: the five states as a rail, and what stands in the way."""

from dataclasses import dataclass

from registry.enums import DualWriteState
from registry.sync.dual_moves import MOVES
from registry.sync.dual_write.sides import Move
from registry.sync.dual_write.states import ORDER, step_after
from registry.sync.dual_write.status import Status, states, statuses

MEANINGS = {
    DualWriteState.OFF: "{old} alone is written and read.",
    DualWriteState.SHADOW: "Both are written; {old} decides and is read.",
    DualWriteState.VERIFY: "Both are written and compared; queries can be switched one by one.",
    DualWriteState.READ_NEW: "{new} decides and is read; {old} is still written.",
    DualWriteState.DONE: "{new} alone is written and read.",
}


@dataclass(frozen=True, slots=True)
class Stage:
    """One state of the rail."""

    word: str
    meaning: str
    is_current: bool
    is_passed: bool


@dataclass(frozen=True, slots=True)
class MoveCard:
    """How one kind of data, or one experiment's share of it, stands between two stores."""

    status: Status
    old: str
    new: str
    stages: list[Stage]
    next_step: str


def move_cards() -> list[MoveCard]:
    """Everything that can move (three statements where one thing moves as a whole and all agrees)."""
    return [_card(move, status) for move in MOVES.values() for status in statuses(move)]


def move_states() -> list[tuple[str, str]]:
    """Name and state of everything that can move, without its figures (one statement)."""
    return [(move.name, state) for move in MOVES.values() for state in states(move)]


def _card(move: Move, status: Status) -> MoveCard:
    state = DualWriteState(status.state)
    place, following = ORDER.index(state), step_after(state)
    titles = {"old": move.old.title, "new": move.new.title}
    stages = [
        Stage(
            word=str(each.label),
            meaning=MEANINGS[each].format(**titles),
            is_current=each == state,
            is_passed=number < place,
        )
        for number, each in enumerate(ORDER)
    ]
    return MoveCard(status, **titles, stages=stages, next_step=str(following.label) if following else "")
