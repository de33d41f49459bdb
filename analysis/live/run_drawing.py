"""The parts of a run's page that its curves are drawn in; those of an ended run are drawn once."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from analysis.queries.curve_groups import curve_groups
from analysis.queries.metric_curves import metric_curves
from analysis.queries.metric_rows import metric_rows
from analysis.queries.run_detail import RunRecord
from features import keys
from features.caches import RUN_CURVES
from features.online.read_through import read_through

MOST_CHARTS = 8
PARTS = ("charts", "metrics")
STYLE = 1
"""Raise it where charts or their templates change, so that none drawn before is shown."""


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
    drawn before; else one statement.
    """
    if not record.run.is_ended:
        return _drawn(record, look)
    options = f"{STYLE}:{look.by_time:d}{look.y_log:d}:{look.smoothing:g}"
    key = keys.run_curves(record.run.run_id, record.run.version, options)
    drawn: list[dict[str, SafeString]] = []

    def draw() -> bytes:
        drawn.append(_drawn(record, look))
        return orjson.dumps(drawn[0])

    found = read_through(RUN_CURVES, key, draw)
    if drawn:
        return drawn[0]
    # What this function put there, and nobody else writes (docs/caching.md): our own templates' HTML.
    return {name: SafeString(html) for name, html in orjson.loads(found.value or b"{}").items()}


def _drawn(record: RunRecord, look: Look) -> dict[str, SafeString]:
    curves = metric_curves([record.run.pk])
    groups = curve_groups(curves, smoothing=look.smoothing, by_time=look.by_time)
    context: dict[str, Any] = {
        "metrics": metric_rows(record.metrics, curves),
        "groups": groups[:MOST_CHARTS],
        "group_count": len(groups),
        "x_kind": "time" if look.by_time else "step",
        "y_log": look.y_log,
    }
    return {name: render_to_string(f"analysis/includes/run_{name}.html", context) for name in PARTS}
