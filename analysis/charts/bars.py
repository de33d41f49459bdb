"""Horizontal bars, for counts and sizes by name."""

from collections.abc import Callable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.stats.numbers import human_number

WIDTH, ROW, BAR, LONGEST_LABEL = 520, 36, 8, 56


def bars(
    rows: Sequence[tuple[str, float]],
    *,
    title: str,
    show: Callable[[float], str] = human_number,
) -> SafeString:
    """An ``<svg>`` of one bar a row, each with its name above it and its value at the end.

    Args:
        rows: Name and value, zero or more; drawn in the given order.
        title: The accessible name.
        show: How a value is written.

    Raises:
        ValueError: Where a value is negative or not finite.
    """
    if any(not 0 <= value < float("inf") for _, value in rows):
        raise ValueError("Bars start at zero: every value must be finite and not negative.")
    longest = max((value for _, value in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<text class="bar-label" x="0" y="{}">{}</text>'
        '<text class="bar-value" x="{}" y="{}">{}</text>'
        '<rect class="bar-track" x="0" y="{}" width="{}" height="{}" rx="4"/>'
        '<rect class="bar" x="0" y="{}" width="{}" height="{}" rx="{}"/>',
        (_row(place * ROW, name, value, longest, show) for place, (name, value) in enumerate(rows)),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>{}</svg>',
        WIDTH,
        max(1, len(rows)) * ROW,
        title,
        ", ".join(f"{name}: {show(value)}" for name, value in rows),
        drawn,
    )


def _row(
    top: int, name: str, value: float, longest: float, show: Callable[[float], str]
) -> tuple[object, ...]:
    length = value / longest * WIDTH
    text, bar = top + 14, top + 20
    label = name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
    rounding = min(BAR / 2, length / 2)
    return (
        text,
        label,
        WIDTH,
        text,
        show(value),
        bar,
        WIDTH,
        BAR,
        bar,
        f"{length:.1f}",
        BAR,
        f"{rounding:.1f}",
    )
