"""Sentences that name commands."""

from django import template
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .marking import every_second

register = template.Library()


@register.filter
@stringfilter
def with_code(text: str) -> SafeString:
    """``{{ board.problem|with_code }}``: what stands between backticks as ``<code>``."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:  # one of them has no other
        return format_html("{}", text)
    return every_second(pieces, in_tag="code")
