"""Which curves share a chart: ``loss`` with ``val_loss``, and the ones people look at first."""

import re
from dataclasses import dataclass

from analysis.charts.series import LOOKS, Series
from analysis.queries.metric_curves import MetricCurve
from analysis.stats.smoothing import twema

SPLIT = re.compile(r"^(train|training|val|valid|validation|test|eval)[_/.\- ]|[_/.\- ](train|val|test|eval)$")
FIRST = ("loss", "accuracy", "acc", "auc", "f1", "rmse", "mae", "r2")


@dataclass(frozen=True, slots=True)
class CurveGroup:
    """One chart: its title and its lines."""

    title: str
    series: list[Series]


def curve_groups(
    curves: list[MetricCurve], *, smoothing: float = 0, by_time: bool = False
) -> list[CurveGroup]:
    """The curves of two points and more, by what they measure, well-known measures first.

    Args:
        curves: Of one run.
        smoothing: 0 to below 1; above 0 each line is smoothed, with the raw one faint behind.
        by_time: Seconds since each curve's first point instead of steps.
    """
    grouped: dict[str, list[MetricCurve]] = {}
    for curve in curves:
        if curve.values.size > 1:
            grouped.setdefault(SPLIT.sub("", curve.key) or curve.key, []).append(curve)
    return [
        CurveGroup(title, _series(grouped[title][:LOOKS], smoothing, by_time=by_time))
        for title in sorted(grouped, key=_interest)
    ]


def _interest(title: str) -> tuple[int, str]:
    return (FIRST.index(title) if title in FIRST else len(FIRST), title)


def _series(curves: list[MetricCurve], smoothing: float, *, by_time: bool) -> list[Series]:
    series = []
    for look, curve in enumerate(curves):
        x = curve.seconds if by_time else curve.steps
        if smoothing:
            series.append(Series(curve.key, x, curve.values, look, is_faint=True))
        y = twema(x, curve.values, weight=smoothing) if smoothing else curve.values
        series.append(Series(curve.key, x, y, look))
    return series
