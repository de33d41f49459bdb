"""The cells of the runs table. Written in Python, since a page has hundreds of them."""

from collections.abc import Callable, Iterable
from html import escape  # without the detour for lazy texts
from typing import Any

from django import template
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from analysis.queries.run_columns import RunColumn
from analysis.stats.numbers import MISSING, human_duration, human_number

from .charts import chip, moment

register = template.Library()
LONGEST, LONGEST_TITLE = 60, 500
"""Characters of a param in its cell, and in what is shown above it."""
NUMBERS: dict[str, Callable[[float | None], str]] = {"number": human_number, "duration": human_duration}


@register.simple_tag
def run_cells(cells: Iterable[tuple[RunColumn, Any]]) -> SafeString:
    """``{% run_cells cells %}``: a run's value in each column."""
    return SafeString("".join(_cell(column.kind, value) for column, value in cells))


def _cell(kind: str, value: Any) -> str:
    if kind == "status":
        return f"<td>{chip(value)}</td>"
    if kind in NUMBERS:
        return f'<td class="num">{NUMBERS[kind](value)}</td>'
    if value is None or value == "":
        return f'<td class="missing">{MISSING}</td>'
    if kind == "time":
        return f'<td class="nowrap">{moment(value)}</td>'
    if kind == "param":
        title, text = (escape(Truncator(value).chars(most)) for most in (LONGEST_TITLE, LONGEST))
        return f'<td class="cell-param" title="{title}">{text}</td>'
    return f"<td>{escape(str(value))}</td>"
