"""The states of a move, and what each says of writes and reads. Plain Python."""

from typing import Literal

from registry.enums import DualWriteState as State

Store = Literal["old", "new"]
ORDER = (State.OFF, State.SHADOW, State.VERIFY, State.READ_NEW, State.DONE)
WRITES: dict[State, tuple[Store, ...]] = {
    State.OFF: ("old",),
    State.SHADOW: ("old", "new"),
    State.VERIFY: ("old", "new"),
    State.READ_NEW: ("new", "old"),
    State.DONE: ("new",),
}
MUST_AGREE = {
    (State.SHADOW, State.VERIFY),
    (State.VERIFY, State.READ_NEW),
    (State.READ_NEW, State.DONE),
    (State.READ_NEW, State.VERIFY),
}
"""The steps that are taken only where both stores have the same."""


def step_after(state: State) -> State | None:
    """The next state towards the new store; None at the end."""
    place = ORDER.index(state) + 1
    return ORDER[place] if place < len(ORDER) else None


def step_before(state: State) -> State | None:
    """The next state back towards the old store; None at the beginning."""
    place = ORDER.index(state)
    return ORDER[place - 1] if place else None


def deciding(state: State) -> Store:
    """The store whose refusal refuses the operation."""
    return WRITES[state][0]


def answering(state: State, *, is_new: bool = False) -> Store:
    """The store that a read is answered by.

    Args:
        is_new: the query was switched to the new store, which counts while both are compared.
    """
    return "new" if state == State.VERIFY and is_new else deciding(state)


def copy_targets(state: State) -> tuple[Store, Store] | None:
    """From where to where what is missing is copied; None where only the old store is in use."""
    if state == State.OFF:
        return None
    return ("old", "new") if deciding(state) == "old" else ("new", "old")
