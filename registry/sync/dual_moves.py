"""What can move from one store to another, by name."""

from registry.exceptions import NotFoundError

from .dual_write.sides import Move
from .run_notes.notes import RUN_NOTES

MOVES = {move.name: move for move in (RUN_NOTES,)}


def find_move(name: str) -> Move:
    """The move with this name.

    Raises:
        NotFoundError: there is none.
    """
    if name not in MOVES:
        raise NotFoundError(f"Nothing that moves is called {name!r}. There is: {', '.join(MOVES)}.")
    return MOVES[name]
