"""Parts of the model registry's pages."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from analysis.charts import version_chart as chart
from analysis.stats import numbers
from registry.enums import Environment

register = template.Library()
LOOKS = {
    Environment.PRODUCTION.value: "good",
    Environment.STAGING.value: "info",
    Environment.DEVELOPMENT.value: "idle",
}
BETTER = {True: "↑", False: "↓", None: ""}
WORDS = {True: "higher is better", False: "lower is better", None: "no direction is known"}


@register.simple_tag
def version_chart(points: Sequence[chart.VersionPoint], metric: str) -> SafeString:
    """``{% version_chart points metric %}``: see ``analysis.charts.version_chart``."""
    return chart.version_chart(points, metric=metric)


@register.simple_tag
def live_chip(environment: str, number: int | None = None) -> SafeString:
    """``{% live_chip "production" 3 %}``: where a version is live, perhaps with its number."""
    tail = "" if number is None else f" v{number}"
    return format_html('<span class="chip chip-{} nowrap">{}{}</span>', LOOKS[environment], environment, tail)


@register.simple_tag
def direction(is_higher_better: bool | None) -> SafeString:  # noqa: FBT001 (a template's argument)
    """``{% direction column.is_higher_better %}``: an arrow that is also a word."""
    arrow = BETTER[is_higher_better]
    if not arrow:
        return SafeString("")
    return format_html(
        '<span aria-hidden="true" title="{}">{}</span><span class="visually-hidden">, {}</span>',
        WORDS[is_higher_better],
        arrow,
        WORDS[is_higher_better],
    )


@register.simple_tag
def direction_words(is_higher_better: bool | None) -> str:  # noqa: FBT001 (a template's argument)
    """``{% direction_words column.is_higher_better %}``: ``higher is better``."""
    return WORDS[is_higher_better]


@register.simple_tag
def difference(value: float) -> str:
    """``{% difference value %}``: ``+0.012``, ``±0``."""
    return numbers.signed_number(value) if value else "±0"
