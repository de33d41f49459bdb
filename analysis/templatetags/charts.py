"""Charts and readable numbers in templates."""

from collections.abc import Sequence
from datetime import timedelta

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from numpy.typing import ArrayLike

from analysis.charts import bars as bar_chart
from analysis.charts import line_chart as curves
from analysis.charts import matrix as heat_map
from analysis.charts import signed_bars as both_ways
from analysis.charts import sparkline as spark
from analysis.charts.series import Series
from analysis.stats import numbers

register = template.Library()

CHIPS = {
    "finished": "good",
    "healthy": "good",
    "active": "good",
    "alive": "good",
    "present": "good",
    "in sync": "good",
    "running": "info",
    "quiet": "warn",
    "gone": "bad",
    "scheduled": "idle",
    "pending": "idle",
    "beside": "idle",
    "lagging": "warn",
    "stale": "warn",
    "slow": "warn",
    "warning": "warn",
    "killed": "warn",
    "missing": "bad",
    "down": "bad",
    "failed": "bad",
}
"""Which look a state's word has; others stay plain."""


@register.simple_tag
def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str = "step",
    x_kind: curves.XKind = "step",
    y_log: bool = False,
) -> SafeString:
    """``{% line_chart series title=… %}``: see ``analysis.charts.line_chart``."""
    return curves.line_chart(series, title=title, x_label=x_label, x_kind=x_kind, y_log=y_log)


@register.simple_tag
def sparkline(values: ArrayLike, label: str = "") -> SafeString:
    """``{% sparkline values label %}``: see ``analysis.charts.sparkline``."""
    return spark.sparkline(values, label=label)


@register.simple_tag
def bars(rows: Sequence[tuple[str, float]], *, title: str, sizes: bool = False) -> SafeString:
    """``{% bars rows title=… %}``; ``sizes=True`` reads the values as bytes."""
    show = numbers.human_bytes if sizes else numbers.human_number
    return bar_chart.bars(rows, title=title, show=show)


@register.simple_tag
def feature_state(status: str) -> SafeString:
    """``{% feature_state status %}``: an online status as the look-up page words it."""
    words = {"PRESENT": "present", "NULL_VALUE": "null", "NOT_FOUND": "missing", "OUTSIDE_MAX_AGE": "stale"}
    return chip(words[status])


@register.simple_tag
def signed_bars(rows: Sequence[tuple[str, float]], *, title: str) -> SafeString:
    """``{% signed_bars rows title=… %}``: see ``analysis.charts.signed_bars``."""
    return both_ways.signed_bars(rows, title=title)


@register.simple_tag
def signed_number(value: float) -> str:
    """``{% signed_number value %}``: ``+0.31``."""
    return numbers.signed_number(value)


@register.simple_tag
def confusion_matrix(matrix: heat_map.Matrix, *, caption: str = "") -> SafeString:
    """``{% confusion_matrix matrix caption=… %}``: see ``analysis.charts.matrix``."""
    return heat_map.matrix_table(matrix, caption=caption)


@register.simple_tag
def human_bytes(size: float | None) -> str:
    """``{% human_bytes size %}``: ``14.2 MB``."""
    return numbers.human_bytes(size)


@register.simple_tag
def duration(length: float | timedelta | None) -> str:
    """``{% duration seconds %}``: ``2 min 5 s``."""
    seconds = length.total_seconds() if isinstance(length, timedelta) else length
    return numbers.human_duration(seconds)


@register.simple_tag
def metric_value(value: float | None) -> str:
    """``{% metric_value value %}``: ``0.9737``."""
    return numbers.human_number(value)


@register.simple_tag
def feature_value(value: object) -> str:
    """``{% feature_value value %}``: numbers as ``metric_value``, vectors with their numbers, yes and no."""
    return numbers.human_value(value)


@register.simple_tag
def chip(word: str) -> SafeString:
    """``{% chip run.status %}``: a state as a word with a shape and a colour."""
    look = CHIPS.get(word.lower())
    look_class = f" chip-{look}" if look else ""
    return format_html('<span class="chip{}">{}</span>', look_class, word.capitalize())
