"""Showing what matched."""

import re
from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def marked(text: str, asked: str) -> SafeString:
    """``{% marked hit.title asked.text %}``: the text with each place of what was asked in ``<mark>``."""
    if not asked:
        return format_html("{}", text)
    pieces = re.split(f"({re.escape(asked)})", text, flags=re.IGNORECASE)
    return every_second(pieces, in_tag="mark")


def every_second(pieces: Iterable[str], *, in_tag: str) -> SafeString:
    """Pieces of a text, the second, fourth … of them in a tag; all escaped."""
    shape = f"<{in_tag}>{{}}</{in_tag}>"
    shown = (format_html(shape, piece) if place % 2 else piece for place, piece in enumerate(pieces))
    return format_html_join("", "{}", ((each,) for each in shown))
