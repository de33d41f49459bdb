"""How far a long piece of work is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """``done`` of ``total`` rows of what is going on; ``total`` is None where nobody knows."""

    what: str
    done: int
    total: int | None = None
