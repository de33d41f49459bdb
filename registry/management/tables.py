"""Printing rows: as a table for people, as JSON for programs."""

import dataclasses
import datetime as dt
import math
from collections.abc import Sequence
from io import StringIO
from typing import Any

import orjson
from django.core.management.base import OutputWrapper
from rich import box
from rich.console import Console, JustifyMethod
from rich.table import Table

WIDTH = 180


def print_rows(rows: Sequence[Any], *, out: OutputWrapper, as_json: bool, title: str, empty: str) -> None:
    """Print dataclass instances, a column a field.

    Args:
        rows: all of one dataclass.
        out: the command's output.
        as_json: a JSON list instead of a table; NaN becomes null.
        title: the table's heading.
        empty: what to say, and do, where there are no rows.
    """
    records = [dataclasses.asdict(row) for row in rows]
    if as_json:
        out.write(orjson.dumps(records, default=str, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    if not records:
        out.write(empty + "\n")
        return
    table = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    for name in records[0]:
        is_number = any(isinstance(record[name], (int, float)) for record in records)
        side: JustifyMethod = "right" if is_number else "left"
        table.add_column(name.replace("_", " "), justify=side, overflow="fold", no_wrap=name.endswith("_id"))
    for record in records:
        table.add_row(*(_cell(value) for value in record.values()))
    console = Console(file=StringIO(), width=None if out.isatty() else WIDTH, force_terminal=out.isatty())
    with console.capture() as captured:
        console.print(table)
    out.write(captured.get())


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float):
        return f"{value:,.4f}" if abs(value) < 1_000 else f"{value:,.0f}"  # noqa: PLR2004
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)
