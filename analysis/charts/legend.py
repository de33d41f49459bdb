"""A legend of boxes: what is which colour, beside charts of areas."""

from collections.abc import Iterable

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


def box_legend(named: Iterable[tuple[int, str]]) -> SafeString:
    """A list of colours of the charts, 0 to 7, with what each stands for."""
    rows = format_html_join(
        "",
        '<li><svg class="legend-box c{}" viewBox="0 0 10 10" aria-hidden="true">'
        '<rect width="10" height="10" rx="2"/></svg><span>{}</span></li>',
        named,
    )
    return format_html('<ul class="legend">{}</ul>', rows)
