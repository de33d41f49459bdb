"""What a table is before it becomes a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["text", "number", "time"]
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name and what its cells are; a cell of None is missing in every kind.

    Attributes:
        kind: ``text``: anything, written as text; ``number``: int or float; ``time``: an aware datetime.
    """

    name: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; each row has one cell for each column. The rows are read once."""

    columns: Sequence[Column]
    rows: Iterable[Row]
