"""The cells of a comparison. Written in Python, since a page has thousands of them."""

from collections.abc import Sequence
from functools import cache
from html import escape  # without the detour for lazy texts

from django import template
from django.utils.safestring import SafeString

from analysis.charts.series import look_classes
from analysis.queries.comparison.columns import ComparedColumn
from analysis.queries.comparison.metrics import MetricCell, MetricRow
from analysis.queries.comparison.state import ComparisonState
from analysis.queries.comparison.values import Cell, Row
from analysis.stats.numbers import MISSING, human_number, signed_number, signed_percent

register = template.Library()
LEAST_FOR_EXTREMES = 2
"""Of two, the one that is not the best is the other end."""
FEW, LONGEST, LONGEST_OF_MANY = 3, 300, 120
"""Characters of a value in a cell, up to three columns and above."""
BASE = ' <span class="column-base">base</span>'
LEAST_SHARE = 1e-4
MISSING_CELLS = (f'<td class="missing">{MISSING}</td>', '<td class="missing"><mark>not there</mark></td>')
"""As the base, and where the base has a value."""


@register.simple_tag
@cache
def swatch(look: int) -> SafeString:
    """``{% swatch column.look %}``: a colour and dash pattern as the charts draw them."""
    return SafeString(
        '<svg class="swatch" viewBox="0 0 28 10" aria-hidden="true">'
        f'<path class="series {look_classes(look)}" d="M1 5h26"/></svg>'
    )


@register.simple_tag
def address(state: ComparisonState, **changes: object) -> str:
    """``{% address state show="last" %}``: the address of the same comparison with something changed."""
    return f"?{state.query(**changes)}"


@register.simple_tag
def address_without(state: ComparisonState, run_id: str) -> str:
    """``{% address_without state run.run_id %}``: the same comparison without a run."""
    return f"?{state.without(run_id)}"


@register.simple_tag
def hidden_fields(state: ComparisonState, *chosen: str) -> SafeString:
    """``{% hidden_fields state "x" "y" %}``: the state as hidden fields, but for those a form has itself."""
    return SafeString(
        "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
            for name, value in state.fields
            if name not in chosen
        )
    )


@register.simple_tag
def column_heads(columns: Sequence[ComparedColumn], *, are_numbers: bool = False) -> SafeString:
    """``{% column_heads found.columns %}``: the heads of the columns of a table."""
    kind = ' class="num"' if are_numbers else ""
    return SafeString(
        "".join(
            f'<th scope="col"{kind}>{swatch(column.look)}{escape(column.label)}'
            f"{BASE if column.is_base and len(columns) > 1 else ''}</th>"
            for column in columns
        )
    )


@register.simple_tag
def value_cells(row: Row) -> SafeString:
    """``{% value_cells row %}``: the cells of a row of values, those that differ from the base's marked.

    What is the same everywhere stands there once, across all columns.
    """
    if not row.differs and len(row.cells) > 1:
        return SafeString(
            f'<td class="mono alike" colspan="{len(row.cells)}">{escape(row.cells[0].text)}</td>'
        )
    longest = LONGEST if len(row.cells) <= FEW else LONGEST_OF_MANY
    return SafeString("".join(_value(cell, longest) for cell in row.cells))


@register.simple_tag
def metric_cells(row: MetricRow) -> SafeString:
    """``{% metric_cells row %}``: the cells of a row of metrics."""
    has_extremes = len(row.cells) > LEAST_FOR_EXTREMES
    return SafeString("".join(_metric(cell, has_extremes=has_extremes) for cell in row.cells))


def _value(cell: Cell, longest: int) -> str:
    if cell.is_missing:
        return MISSING_CELLS[cell.differs]
    text = escape(cell.text if len(cell.text) <= longest else f"{cell.text[:longest]}…")
    return f'<td class="mono"><mark>{text}</mark></td>' if cell.differs else f'<td class="mono">{text}</td>'


def _metric(cell: MetricCell, *, has_extremes: bool) -> str:
    if cell.value is None:
        return '<td class="num missing">not logged</td>'
    value = human_number(cell.value)
    figure = f'<strong>{value}</strong> <span class="star">★ best</span>' if cell.is_best else value
    return f'<td class="num">{figure}{_delta(cell)}{_beside(cell, has_extremes=has_extremes)}</td>'


def _delta(cell: MetricCell) -> str:
    """The difference to the base, with a word for those who do not see its colour."""
    if cell.delta is None or not cell.verdict:
        return ""
    if cell.verdict == "same":
        return '<span class="cell-sub">same</span>'
    has_share = cell.share is not None and abs(cell.share) >= LEAST_SHARE
    share = f" <small>{signed_percent(cell.share or 0.0)}</small>" if has_share else ""
    word = "" if cell.verdict == "other" else f' <span class="visually-hidden">{cell.verdict}</span>'
    delta = signed_number(float(f"{cell.delta:.2g}"))
    return f'<span class="cell-sub delta-{cell.verdict}">{delta}{share}{word}</span>'


def _beside(cell: MetricCell, *, has_extremes: bool) -> str:
    """Step and last value of a run, spread and number of a group's."""
    parts = []
    if cell.low is not None and cell.high is not None:
        parts.append(f"{human_number(cell.low)} to {human_number(cell.high)}")
        parts += [f"{cell.count} of {cell.count + cell.absent} runs"] if cell.absent else []
    elif cell.step:
        parts.append(f"step {cell.step:,}")
    if cell.last is not None and (last := human_number(cell.last)) != human_number(cell.value):
        parts.append(f"last {last}")
    if has_extremes and cell.extreme and not cell.is_best:
        parts.append(cell.extreme)
    return f'<span class="cell-sub">{" · ".join(parts)}</span>' if parts else ""
