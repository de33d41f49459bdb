"""Tables as CSV and as JSON."""

import csv
import datetime as dt
import json
import math
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any

from registry.formulas import guarded

from .columns import Column, Row


def csv_pieces(columns: Sequence[Column], pieces: Iterator[list[Row]]) -> Iterator[bytes]:
    """A line of names, then a line for each row; missing cells are empty."""
    yield _csv([[column.name for column in columns]], [Column("") for _ in columns])
    for piece in pieces:
        yield _csv(piece, columns)


def json_pieces(columns: Sequence[Column], pieces: Iterator[list[Row]]) -> Iterator[bytes]:
    """A list of objects, one a line, each with every column."""
    yield b"["
    before = "\n"
    for piece in pieces:
        lines = [json.dumps(_object(columns, row), ensure_ascii=False) for row in piece]
        yield (before + ",\n".join(lines)).encode()
        before = ",\n"
    yield b"\n]\n"


def text_of(cell: Any) -> str:
    """A cell of a text column as text; booleans and numbers as JSON has them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(_number(cell)) if isinstance(cell, int | float) else str(cell)


def _csv(rows: Sequence[Row], columns: Sequence[Column]) -> bytes:
    lines = StringIO()
    csv.writer(lines, lineterminator="\r\n").writerows(
        [_csv_cell(cell, column) for cell, column in zip(row, columns, strict=True)] for row in rows
    )
    return lines.getvalue().encode()


def _object(columns: Sequence[Column], row: Row) -> dict[str, Any]:
    return {column.name: _cell(cell, column) for cell, column in zip(row, columns, strict=True)}


def _cell(cell: Any, column: Column) -> Any:
    if cell is None:
        return None
    if column.kind == "number":
        return _number(cell)
    if column.kind == "time" and isinstance(cell, dt.datetime):
        return cell.astimezone(dt.UTC).isoformat()
    return text_of(cell)


def _number(value: float) -> float | str:
    """The number, or its name where neither JSON nor a spreadsheet has a figure for it."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _csv_cell(cell: Any, column: Column) -> Any:
    """The cell; a text that a spreadsheet would take for a formula is marked as text (a number is none)."""
    told = _cell(cell, column)
    return guarded(told) if column.kind == "text" and told is not None else told
