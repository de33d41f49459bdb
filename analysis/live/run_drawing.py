"""The parts of a run's page that its curves are drawn in; those of an ended run are drawn once."""

from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from analysis.queries.curve_groups import curve_groups
from analysis.queries.kept_drawing import STYLE, kept_drawing
from analysis.queries.metric_curves import MetricCurve, metric_curves
from analysis.queries.metric_rows import metric_rows
from analysis.queries.run_detail import RunRecord
from features import keys
from registry.exceptions import StoreUnavailableError

MOST_CHARTS = 8
PARTS = ("charts", "metrics")


@dataclass(frozen=True)
class Look:
    """How the curves are drawn."""

    by_time: bool = False
    y_log: bool = False
    smoothing: float = 0.0


def drawn_parts(record: RunRecord, look: Look) -> dict[str, SafeString]:
    """The charts and the table of metrics, as HTML.

    Of an ended run from the cache, under its version: whatever changes its metrics raises the version in
    the same transaction, and the version was read before the curves are. One round trip or none where it was
    drawn before; else one statement. Where archived points can't be read, the charts say so, and nothing is
    kept.
    """
    try:
        return _drawn_or_kept(record, look)
    except StoreUnavailableError as error:
        return _drawing(record, look, [], problem=str(error))


def _drawn_or_kept(record: RunRecord, look: Look) -> dict[str, SafeString]:
    if not record.run.is_ended:
        return _drawn(record, look)
    options = f"{STYLE}:{look.by_time:d}{look.y_log:d}:{look.smoothing:g}"
    key = keys.run_curves(record.run.run_id, record.run.version, options)
    return kept_drawing(key, lambda: _drawn(record, look), read=_read)


def _read(kept: dict[str, str]) -> dict[str, SafeString]:
    return {name: SafeString(html) for name, html in kept.items()}


def _drawn(record: RunRecord, look: Look) -> dict[str, SafeString]:
    return _drawing(record, look, metric_curves([record.run.pk]))


def _drawing(
    record: RunRecord, look: Look, curves: list[MetricCurve], *, problem: str = ""
) -> dict[str, SafeString]:
    groups = curve_groups(curves, smoothing=look.smoothing, by_time=look.by_time)
    context: dict[str, Any] = {
        "metrics": metric_rows(record.metrics, curves),
        "groups": groups[:MOST_CHARTS],
        "group_count": len(groups),
        "x_kind": "time" if look.by_time else "step",
        "y_log": look.y_log,
        "problem": problem,
    }
    return {name: render_to_string(f"analysis/includes/run_{name}.html", context) for name in PARTS}
