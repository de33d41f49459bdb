"""Values of any kind side by side: which are the same, and which differ from the base's."""

import math
import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from registry.documents.plain import as_json

from .columns import ComparedColumn

MOST_ROWS = 1_000
LONGEST_TEXT = 400
MOST_KINDS = 3
MOST_DIGITS = 15  # more than these, and a float holds another number
DIGITS = re.compile("[1-9]")
WORDS = {"true": True, "false": False, "none": None, "null": None}


class _Absent:
    """What a run does not have: another thing than a null."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, or those of a group.

    Attributes:
        text: As people read it; cut after 400 characters.
        value: The value itself, None where it is missing or where the runs of a group have several.
        is_missing: No run of the column has it.
        differs: From the base's column.
    """

    text: str
    value: Any = None
    is_missing: bool = False
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A key with one cell a column; ``differs`` unless every run has the same."""

    key: str
    cells: list[Cell]
    differs: bool


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that a table shows; ``hidden`` are the same in every run, ``cut`` were too many."""

    shown: list[Row]
    hidden: int = 0
    cut: int = 0

    @property
    def differing(self) -> int:
        """How many of the shown rows differ."""
        return sum(row.differs for row in self.shown)


def rows_of(
    values: Mapping[str, Mapping[int, Any]],
    columns: Sequence[ComparedColumn],
    *,
    only_differences: bool,
) -> Rows:
    """The rows of a table.

    Args:
        values: Key → the runs' primary keys → value; a run that lacks the key is left out.
        columns: One of them is the base.
        only_differences: Hide, and count, rows that are the same in every run.
    """
    rows = [row_of(key, of_runs, columns) for key, of_runs in values.items()]
    shown = [row for row in rows if row.differs] if only_differences else rows
    return Rows(shown[:MOST_ROWS], len(rows) - len(shown), max(0, len(shown) - MOST_ROWS))


def row_of(key: str, of_runs: Mapping[int, Any], columns: Sequence[ComparedColumn]) -> Row:
    """One row: the cells, and whether they are all the same."""
    kinds = [_kinds([of_runs.get(run.pk, ABSENT) for run in column.runs]) for column in columns]
    base = next((set(each) for each, column in zip(kinds, columns, strict=True) if column.is_base), set())
    cells = [
        _cell(each, len(column.runs), differs=set(each) != base)
        for each, column in zip(kinds, columns, strict=True)
    ]
    return Row(key, cells, differs=len({kind for each in kinds for kind in each}) > 1)


def same(value: Any) -> Hashable:
    """What two values have in common that are the same: ``0.1``, ``1e-1`` and the text ``"0.10"``."""
    if isinstance(value, _Absent):
        return value
    if isinstance(value, str):
        return _same_text(value)
    if isinstance(value, bool) or value is None:
        return ("word", value)
    if isinstance(value, (int, float)):
        return _number(value) if math.isfinite(value) else ("text", str(value))
    return ("json", orjson.dumps(as_json(value), option=orjson.OPT_SORT_KEYS, default=str))


def shown(value: Any) -> str:
    """A value as a cell shows it: text as it is, the rest as JSON; cut after 400 characters."""
    text = whole(value)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def whole(value: Any) -> str:
    """A value as text: text as it is, the rest as JSON."""
    return value if isinstance(value, str) else orjson.dumps(as_json(value), default=str).decode()


def _same_text(text: str) -> Hashable:
    if (word := text.strip().lower()) in WORDS:
        return ("word", WORDS[word])
    if len(text) > MOST_DIGITS and sum(each.isdigit() for each in text) > MOST_DIGITS:
        return ("text", text)
    try:
        number = float(text)
    except ValueError:
        return ("text", text)
    if not math.isfinite(number) and not any(each.isdigit() for each in text):
        return ("text", str(number))
    # Python reads 2024_10; and 12e4567 and 0e12345 are the beginnings of commits, not infinity and zero.
    is_plain = math.isfinite(number) and "_" not in text and (number or not DIGITS.search(text))
    return _number(number) if is_plain else ("text", text)


def _number(value: float) -> Hashable:
    return ("number", value)


def _kinds(values: list[Any]) -> dict[Hashable, list[Any]]:
    """The values by what they have in common."""
    if len(values) == 1:
        return {same(values[0]): values}
    kinds: dict[Hashable, list[Any]] = {}
    for value in values:
        kinds.setdefault(same(value), []).append(value)
    return kinds


ABSENT_CELLS = (Cell("", is_missing=True), Cell("", is_missing=True, differs=True))


def _cell(kinds: dict[Hashable, list[Any]], runs: int, *, differs: bool) -> Cell:
    if runs == 1:
        ((value,),) = kinds.values()
        return ABSENT_CELLS[differs] if value is ABSENT else Cell(shown(value), value, differs=differs)
    there = [values for kind, values in kinds.items() if kind is not ABSENT]
    absent = len(kinds.get(ABSENT, ()))
    if not there:
        return Cell("", is_missing=True, differs=differs)
    often = sorted(there, key=len, reverse=True)
    text = ", ".join(shown(values[0]) for values in often[:MOST_KINDS])
    if len(there) > 1:
        text = f"{len(there)} values: {text}{', …' if len(there) > MOST_KINDS else ''}"
    if absent:
        text = f"{text} ({absent} of {runs} without it)"
    return Cell(text, there[0][0] if len(kinds) == 1 else None, differs=differs)
