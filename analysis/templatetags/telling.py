"""Sentences that name commands."""

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.filter
@stringfilter
def with_code(text: str) -> SafeString:
    """``{{ board.problem|with_code }}``: what stands between backticks as ``<code>``."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # one of them has no other
        return format_html("{}", text)
    shown = (
        format_html("<code>{}</code>", piece) if place % 2 else piece for place, piece in enumerate(pieces)
    )
    return format_html_join("", "{}", ((each,) for each in shown))
