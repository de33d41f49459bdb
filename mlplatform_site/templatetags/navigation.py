"""The links of the site's header."""

from functools import cache

from django import template
from django.template import Context
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def nav_link(context: Context, name: str, label: str, key: str) -> SafeString:
    """``{% nav_link "analysis:run-list" "Runs" "r" %}``: a link that knows whether one is there.

    Args:
        key: What follows ``g`` on the keyboard.
    """
    try:
        url = _address(name, get_script_prefix())
    except NoReverseMatch:
        return SafeString("")
    current = _current(url, context)
    where = format_html(' aria-current="{}"', current) if current else ""
    return format_html('<a href="{}" data-key="{}"{}>{}</a>', url, key, where, label)


@cache
def _address(name: str, prefix: str) -> str:  # noqa: ARG001 (the address begins with it)
    return reverse(name)


def _current(url: str, context: Context) -> str:
    """``page`` on the page itself, ``true`` on one below it, else empty."""
    path = getattr(context.get("request"), "path", "")
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""
