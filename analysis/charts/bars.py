"""Horizontal bars, for counts and sizes by name."""

import math
from collections.abc import Callable, Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.stats.numbers import human_number


def bars(
    rows: Sequence[tuple[str, float]],
    *,
    title: str,
    show: Callable[[float], str] = human_number,
) -> SafeString:
    """A list of names and values, each over a bar as long as its share of the longest.

    The words are HTML, so they keep their size on any screen; only the bars are drawn.

    Args:
        rows: Name and value, zero or more; drawn in the given order.
        title: The accessible name.
        show: How a value is written.

    Raises:
        ValueError: Where a value is negative or not finite.
    """
    if any(not 0 <= value < math.inf for _, value in rows):
        raise ValueError("Bars start at zero: every value must be finite and not negative.")
    longest = max((value for _, value in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<li><span class="bar-label">{}</span> <span class="bar-value">{}</span>'
        '<svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 0H{}V1H0Z"/></svg></li>',
        ((name, show(value), f"{value / longest * 100:.2f}") for name, value in rows),
    )
    return format_html('<ul class="bars" aria-label="{}">{}</ul>', title, drawn)
