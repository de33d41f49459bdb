"""Horizontal bars to both sides of zero: what raised and what lowered a number."""

import math
from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.stats.numbers import signed_number


def signed_bars(rows: Sequence[tuple[str, float]], *, title: str) -> SafeString:
    """A list of names and values, each over a bar from the middle: to the right above zero, else to the left.

    Args:
        rows: Name and value; drawn in the given order.
        title: The accessible name.

    Raises:
        ValueError: Where a value is not finite.
    """
    if not all(math.isfinite(value) for _, value in rows):
        raise ValueError("Bars end somewhere: every value must be finite.")
    longest = max((abs(value) for _, value in rows), default=0) or 1
    drawn = format_html_join(
        "",
        '<li><span class="bar-label">{}</span> <span class="bar-value">{}</span>'
        '<svg class="{}" viewBox="-100 0 200 1" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 0H{}V1H0Z"/><path class="bars-zero" d="M-.3 0H.3V1H-.3Z"/></svg></li>',
        (
            (name, signed_number(value), "lowers" if value < 0 else "raises", f"{value / longest * 100:.2f}")
            for name, value in rows
        ),
    )
    return format_html('<ul class="bars bars-signed" aria-label="{}">{}</ul>', title, drawn)
