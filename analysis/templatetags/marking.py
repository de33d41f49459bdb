"""Showing what matched."""

import re

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
    shown = (
        format_html("<mark>{}</mark>", piece) if place % 2 else piece for place, piece in enumerate(pieces)
    )
    return format_html_join("", "{}", ((each,) for each in shown))
