"""Bars of what stores did in a second, each in its store's colour, with how far behind the first it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class StoreBar:
    """One store's bar; ``look`` is its slug, ``note`` what stands behind its value."""

    look: str
    label: str
    value: float
    shown: str
    note: str = ""


def store_bars(rows: Sequence[StoreBar], *, title: str) -> SafeString:
    """A list of stores, each over a bar as long as its share of the largest value; none below zero.

    Args:
        rows: drawn in the given order.
        title: The accessible name.
    """
    longest = max((row.value for row in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<li><span class="bar-label">{}</span> '
        '<span class="bar-value">{} <span class="bar-note">{}</span></span>'
        '<svg class="bar-{}" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 0H{}V1H0Z"/></svg></li>',
        ((row.label, row.shown, row.note, row.look, _length(row.value, longest)) for row in rows),
    )
    return format_html('<ul class="bars store-bars" aria-label="{}">{}</ul>', title, drawn)


def _length(value: float, longest: float) -> str:
    return f"{max(0.0, value / longest * 100):.2f}"
