"""Pieces of Markdown."""

from collections.abc import Iterable, Sequence

Cells = Sequence[str]


def table(head: Cells, rows: Iterable[Cells]) -> str:
    """A table; no cell has a bar or a line's end in it."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, ["---"] * len(head), *rows])
