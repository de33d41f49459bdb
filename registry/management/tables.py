"""Printing rows: a table on a terminal, plain aligned text in a pipe, JSON for programs."""

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence
from io import StringIO
from typing import Any

import orjson
from django.core.management.base import OutputWrapper
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

FOUR_DIGITS = (0.001, 1_000)
ALL_DIGITS_BELOW = 1e12
UNBOUNDED = 100_000


def print_rows(rows: Sequence[Any], *, out: OutputWrapper, as_json: bool, title: str, empty: str) -> None:
    """Print dataclass instances, a column a field.

    Args:
        rows: all of one dataclass.
        out: the command's output.
        as_json: a JSON list instead of a table; NaN and infinities become null.
        title: the table's heading.
        empty: what to say, and do, where there are no rows.
    """
    records = [dataclasses.asdict(row) for row in rows]
    print_records(records, out=out, as_json=as_json, title=title, empty=empty)


def print_records(
    records: list[dict[str, Any]], *, out: OutputWrapper, as_json: bool, title: str, empty: str
) -> None:
    """Print mappings, a column a key; for a table all have the same keys."""
    if as_json:
        out.write(orjson.dumps(records, default=str, option=orjson.OPT_INDENT_2).decode())
    elif not records:
        out.write(empty)
    elif out.isatty():
        out.write(_drawn(records, title))
    else:
        out.write(f"{title}\n\n{_aligned(records)}")


def _drawn(records: list[dict[str, Any]], title: str) -> str:
    """A table, or a paragraph a row where the terminal is too narrow for one."""
    console = Console(file=StringIO(), force_terminal=True)
    table = _table(records, title)
    unbounded = console.options.update(max_width=UNBOUNDED)
    if console.measure(table, options=unbounded).minimum > console.width:
        return f"{title}\n\n{_paragraphs(records)}"
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def _table(records: list[dict[str, Any]], title: str) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    for name in records[0]:
        table.add_column(
            _heading(name),
            justify="right" if _is_numeric(records, name) else "left",
        )
    for record in records:
        table.add_row(*(Text(_cell(value)) for value in record.values()))
    return table


def _paragraphs(records: list[dict[str, Any]]) -> str:
    width = max(map(len, records[0]))
    return "\n\n".join(
        "\n".join(f"{_heading(name):<{width}}  {_cell(value)}" for name, value in record.items())
        for record in records
    )


def _aligned(records: list[dict[str, Any]]) -> str:
    """Columns two spaces apart, one line a row, however long."""
    lines = [[_heading(name) for name in records[0]]]
    lines += [[_cell(value) for value in record.values()] for record in records]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    to_right = [_is_numeric(records, name) for name in records[0]]
    return "\n".join(
        "  ".join(
            _padded(cell, width, right=right)
            for cell, width, right in zip(line, widths, to_right, strict=True)
        ).rstrip()
        for line in lines
    )


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space


def _heading(name: str) -> str:
    """A field's name as words; a path as it is, for it may be said in a filter."""
    return name if "." in name else name.replace("_", " ")


def _is_numeric(records: list[dict[str, Any]], name: str) -> bool:
    return any(isinstance(record[name], (int, float)) for record in records)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, (dict, list)):
        value = orjson.dumps(value, default=str).decode()
    # A name may hold anything, also what would move a terminal's cursor.
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(value)
    )


def _number(value: float) -> str:
    size = abs(value)
    if size == 0 or FOUR_DIGITS[0] <= size < FOUR_DIGITS[1]:
        return f"{value:,.4f}"
    return f"{value:,.0f}" if FOUR_DIGITS[1] <= size < ALL_DIGITS_BELOW else f"{value:.4g}"
