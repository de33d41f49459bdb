"""Charts and readable numbers in templates."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from numpy.typing import ArrayLike

from analysis.charts import bars as bar_chart
from analysis.charts import columns as stacked
from analysis.charts import line_chart as curves
from analysis.charts import matrix as heat_map
from analysis.charts import share_bar as parts
from analysis.charts import share_rows as divided
from analysis.charts import signed_bars as both_ways
from analysis.charts import sparkline as spark
from analysis.charts import store_bars as bars_of_stores
from analysis.charts.scale import Kind
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
    "at work": "good",
    "verified": "good",
    "done": "good",
    "restored": "good",
    "running": "info",
    "quiet": "warn",
    "gone": "bad",
    "scheduled": "idle",
    "figures agree": "good",
    "a tie": "info",
    "figures disagree": "warn",
    "guarantees decide": "idle",
    "not measured": "idle",
    "pending": "idle",
    "beside": "idle",
    "lagging": "warn",
    "stale": "warn",
    "slow": "warn",
    "warning": "warn",
    "killed": "warn",
    "not running": "warn",
    "store away": "warn",
    "not verified": "warn",
    "not ended": "info",
    "being taken back": "info",
    "being written": "info",
    "copying": "info",
    "written, not taken": "info",
    "not set up": "idle",
    "taken back": "idle",
    "archived": "idle",
    "no consumer": "warn",
    "backed up": "warn",
    "idle": "good",
    "unknown": "idle",
    "lost": "bad",
    "slot missing": "bad",
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
    x_kind: Kind = "step",
    y_log: bool = False,
    is_lively: bool = False,
) -> SafeString:
    """``{% line_chart series title=… %}``: see ``analysis.charts.line_chart``."""
    return curves.line_chart(
        series, title=title, x_label=x_label, x_kind=x_kind, y_log=y_log, is_lively=is_lively
    )


@register.simple_tag
def sparkline(values: ArrayLike, label: str = "") -> SafeString:
    """``{% sparkline values label %}``: see ``analysis.charts.sparkline``."""
    return spark.sparkline(values, label=label)


@register.simple_tag
def bars(
    rows: Sequence[tuple[str, float]], *, title: str, sizes: bool = False, dollars: bool = False
) -> SafeString:
    """``{% bars rows title=… %}``; the values are bytes, or US dollars, where one says so."""
    show = numbers.human_bytes if sizes else numbers.dollars if dollars else numbers.human_number
    return bar_chart.bars(rows, title=title, show=show)


@register.simple_tag
def share_bar(shares: Sequence[tuple[str, int]]) -> SafeString:
    """``{% share_bar shares %}``: see ``analysis.charts.share_bar``."""
    return parts.share_bar(shares)


@register.simple_tag
def column_chart(columns: Sequence[stacked.Column], *, kinds: Sequence[str], title: str) -> SafeString:
    """``{% column_chart columns kinds=… title=… %}``: see ``analysis.charts.columns``."""
    return stacked.column_chart(columns, kinds=kinds, title=title)


@register.simple_tag
def share_rows(
    rows: Sequence[divided.ShareRow], *, divided_into: Sequence[divided.Part], title: str
) -> SafeString:
    """``{% share_rows rows divided_into=parts title=… %}``: see ``analysis.charts.share_rows``."""
    return divided.share_rows(rows, parts=divided_into, title=title)


@register.simple_tag
def store_bars(rows: Sequence[bars_of_stores.StoreBar], *, title: str) -> SafeString:
    """``{% store_bars rows title=… %}``: see ``analysis.charts.store_bars``."""
    return bars_of_stores.store_bars(rows, title=title)


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
def moment(at: datetime, *, seconds: bool = False, zone: bool = False) -> SafeString:
    """``{% moment run.started_at %}``: ``2026-11-22 05:03``, for programs to the microsecond.

    Lists have hundreds: Django's filter ``date`` takes ten times as long.
    """
    here = localtime(at)
    shown = f"{here:%Y-%m-%d %H:%M:%S}" if seconds else f"{here:%Y-%m-%d %H:%M}"
    return SafeString(f'<time datetime="{here.isoformat()}">{shown}{" UTC" if zone else ""}</time>')


@register.simple_tag(name="dollars")
def in_dollars(value: float | Decimal | None) -> str:
    """``{% dollars value %}``: ``$1,248``."""
    return numbers.dollars(value)


@register.simple_tag
def percent(share: float | None) -> str:
    """``{% percent share %}``: ``42 %``, ``0.4 %``."""
    return numbers.percent(share)


@register.simple_tag
def metric_value(value: float | None) -> str:
    """``{% metric_value value %}``: ``0.9737``."""
    return numbers.human_number(value)


@register.simple_tag
def feature_value(value: object) -> str:
    """``{% feature_value value %}``: numbers as ``metric_value``, vectors with their numbers, yes and no."""
    return numbers.human_value(value)


@register.simple_tag
@lru_cache
def chip(word: str) -> SafeString:
    """``{% chip run.status %}``: a state as a word with a shape and a colour."""
    look = CHIPS.get(word.lower())
    look_class = f" chip-{look}" if look else ""
    return format_html('<span class="chip{}">{}</span>', look_class, word.capitalize())
