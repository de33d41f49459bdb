"""One bar, divided by how often each state occurs."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH = 100


def share_bar(shares: Sequence[tuple[str, int]]) -> SafeString:
    """A bar with a part for each state, and the same in words; empty where nothing is counted.

    Args:
        shares: State and number; the state's class ``share-<state>`` gives the colour.
    """
    total = sum(count for _, count in shares)
    if not total:
        return SafeString("")
    parts, start = [], 0.0
    for state, count in shares:
        width = count / total * WIDTH
        parts.append((state, f"{start:.2f}", f"{width:.2f}"))
        start += width
    drawn = format_html_join("", '<rect class="share-{}" x="{}" width="{}" height="6"/>', parts)
    words = format_html_join(" · ", "{} {}", ((f"{count:,}", state) for state, count in shares))
    return format_html(
        '<svg class="share-bar" viewBox="0 0 {} 6" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
        '<span class="cell-sub">{}</span>',
        WIDTH,
        drawn,
        words,
    )
