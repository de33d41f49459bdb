"""The curves of several runs, one chart a metric."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import numpy as np
import orjson
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from analysis.charts.line_chart import line_chart
from analysis.charts.scale import Kind
from analysis.charts.series import LOOKS, Area, Series
from analysis.queries.kept_drawing import STYLE, kept_drawing
from analysis.queries.metric_curves import MetricCurve, metric_curves
from analysis.stats.alignment import band_of
from analysis.stats.smoothing import twema
from features import keys as redis_keys
from registry.enums import ENDED_STATUSES
from registry.exceptions import StoreUnavailableError

from .drawable import notes_on, on_clock
from .left_out import left_out
from .runs import ComparedRun

Floats = NDArray[np.float64]
SIZE = (720, 300)
MOST_POINTS = 2_000_000
"""Of all curves together; each has its share, and of a longer one some points are drawn."""
KINDS: Mapping[str, Kind] = {"step": "step", "relative": "time", "wall": "clock"}


@dataclass(frozen=True, slots=True)
class CurveLook:
    """How curves are drawn.

    Attributes:
        x: Steps, the time since each run's first point of the metric, or the clock.
        y_log: Decades on the y axis.
        smoothing: 0 to below 1; above 0 the raw line stays, faint.
    """

    x: Literal["step", "relative", "wall"] = "step"
    y_log: bool = False
    smoothing: float = 0.0


@dataclass(frozen=True, slots=True)
class CurveChart:
    """One metric of all runs.

    Attributes:
        key: The metric.
        figure: The chart, its legend, notes and table of values, as HTML.
        absent: Labels of the runs that have no value of it.
        notes: What of it could not be drawn, and why.
    """

    key: str
    figure: SafeString
    absent: tuple[str, ...]
    notes: tuple[str, ...] = ()


def comparison_charts(
    *, runs: Sequence[ComparedRun], keys: Sequence[str], look: CurveLook, groups: Mapping[str, str] | None
) -> list[CurveChart]:
    """One chart a metric, in the order of ``keys``; a line a run, or a mean line and a band a group.

    Where every run has ended, from the cache under the runs' versions: one round trip or none where these
    charts were drawn before. Else one statement a metric (two where a run has several points at one step, or
    more of them than its share of two million). A metric whose archived points can't be read has a note
    instead of lines, and then nothing is kept.

    Args:
        runs: As the page names and colours them.
        keys: The metrics.
        look: How they are drawn.
        groups: The group of each run by its ``run_id``; None for a line a run. The band goes from the lowest
            to the highest value of the group's runs.
    """
    if not (runs and keys):
        return []
    try:
        return _kept_charts(runs, keys, look, groups)
    except StoreUnavailableError:
        return [_chart_or_note(key, runs, look, groups) for key in keys]


def _kept_charts(
    runs: Sequence[ComparedRun], keys: Sequence[str], look: CurveLook, groups: Mapping[str, str] | None
) -> list[CurveChart]:
    if any(run.status not in ENDED_STATUSES for run in runs):
        return _charts(runs, keys, look, groups)
    key = redis_keys.compared_curves(_digest(runs, keys, look, groups))
    return kept_drawing(key, lambda: _charts(runs, keys, look, groups), read=_read)


def _read(kept: list[dict[str, Any]]) -> list[CurveChart]:
    return [
        CurveChart(row["key"], SafeString(row["figure"]), tuple(row["absent"]), tuple(row["notes"]))
        for row in kept
    ]


def _digest(
    runs: Sequence[ComparedRun], keys: Sequence[str], look: CurveLook, groups: Mapping[str, str] | None
) -> str:
    """Stands for all that the charts show: each run's version is raised by whatever changes its metrics."""
    shown = [(run.run_id, run.version, run.label, run.look, (groups or {}).get(run.run_id)) for run in runs]
    asked = [STYLE, shown, list(keys), look.x, look.y_log, look.smoothing, groups is not None]
    return blake2b(orjson.dumps(asked), digest_size=16).hexdigest()


def _charts(
    runs: Sequence[ComparedRun], keys: Sequence[str], look: CurveLook, groups: Mapping[str, str] | None
) -> list[CurveChart]:
    most = MOST_POINTS // (len(runs) * len(keys))
    return [_chart(key, runs, most, look, groups) for key in keys]


def _chart_or_note(
    key: str, runs: Sequence[ComparedRun], look: CurveLook, groups: Mapping[str, str] | None
) -> CurveChart:
    try:
        (chart,) = _charts(runs, [key], look, groups)
    except StoreUnavailableError as error:
        return CurveChart(key, _figure(key, [], look, groups), absent=(), notes=(str(error),))
    return chart


def _chart(
    key: str, runs: Sequence[ComparedRun], most: int, look: CurveLook, groups: Mapping[str, str] | None
) -> CurveChart:
    """One metric, read and drawn before the next one is read."""
    pks, with_times = [run.pk for run in runs], look.x != "step"
    found = {each.run: each for each in metric_curves(pks, keys=[key], with_times=with_times, most=most)}
    read = [(run, found[run.pk]) for run in runs if run.pk in found]
    shown = [(run, on_clock(curve)) for run, curve in read] if look.x == "wall" else read
    return CurveChart(
        key,
        _figure(key, [(run, curve) for run, curve in shown if curve.steps.size], look, groups),
        absent=tuple(run.label for run in runs if run.pk not in found),
        notes=tuple(notes_on(read, shown, most=most)),
    )


def _figure(
    key: str,
    there: Sequence[tuple[ComparedRun, MetricCurve]],
    look: CurveLook,
    groups: Mapping[str, str] | None,
) -> SafeString:
    areas: list[Area] = []
    if groups is None:
        series = [line for run, curve in there for line in _lines(run, curve, look)]
    else:
        series, areas = _grouped(there, look, groups)
    return line_chart(
        series,
        areas=areas,
        title=key,
        x_kind=KINDS[look.x],
        x_label=_x_label(look, [curve for _, curve in there]),
        y_log=look.y_log,
        width=SIZE[0],
        height=SIZE[1],
        is_lively=True,
    )


def _lines(run: ComparedRun, curve: MetricCurve, look: CurveLook) -> list[Series]:
    x, raw = _across(curve, look), curve.values
    if not look.smoothing:
        return [Series(run.label, x, raw, run.look, mark=run.run_id)]
    smooth = twema(x, raw, weight=look.smoothing)
    return [
        Series(run.label, x, raw, run.look, is_faint=True, mark=run.run_id),
        Series(run.label, x, smooth, run.look, mark=run.run_id),
    ]


def _grouped(
    there: Sequence[tuple[ComparedRun, MetricCurve]], look: CurveLook, groups: Mapping[str, str]
) -> tuple[list[Series], list[Area]]:
    members: dict[str, list[tuple[Floats, Floats]]] = {}
    logged: dict[str, list[Floats]] = {}
    looks: dict[str, int] = {}
    for run, curve in there:
        group = groups.get(run.run_id, "")
        looks.setdefault(group, run.look)
        x, y = _across(curve, look), np.asarray(curve.values)
        logged.setdefault(group, []).append(y)
        y = np.where(y > 0, y, np.nan) if look.y_log else y
        members.setdefault(group, []).append((x, twema(x, y, weight=look.smoothing) if look.smoothing else y))
    series, areas = [], []
    for group, curves in members.items():
        band = band_of(curves)
        label = f"{group or 'other'} ({len(curves)})"
        notes = left_out(logged[group], y_log=look.y_log)
        series.append(Series(label, band.steps, band.mean, looks[group] % LOOKS, mark=group, notes=notes))
        if band.steps.size and len(curves) > 1:
            areas.append(Area(band.steps, band.low, band.high, looks[group] % LOOKS, mark=group))
    return series, areas


def _across(curve: MetricCurve, look: CurveLook) -> Floats:
    if look.x == "step":
        steps: Floats = curve.steps.astype(np.float64)
        return steps
    # Steps are in order; a clock that was set back would send the line backwards.
    seconds = np.maximum.accumulate(curve.timestamps_ms / 1_000)
    return seconds if look.x == "wall" else seconds - seconds[0]


def _x_label(look: CurveLook, curves: Sequence[MetricCurve]) -> str:
    if look.x != "wall":
        return "step" if look.x == "step" else "time since the run's first point"
    if not curves:
        return "clock (UTC)"
    first = min(curve.timestamps_ms[0] for curve in curves) / 1_000
    return f"clock (UTC), from {dt.datetime.fromtimestamp(first, tz=dt.UTC):%Y-%m-%d}"
