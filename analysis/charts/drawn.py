"""A series as it is drawn: thinned to what a screen shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.charts.series import Series, look_classes
from analysis.stats.decimate import DEFAULT_BUCKETS, Curve, decimate

BUCKETS_IN_ALL = 1_600
LEAST_BUCKETS = 100
DENSE = 200  # points; curves.js draws them as thin


@dataclass(frozen=True, slots=True)
class Drawn:
    """A series, thinned, with what had to be left out."""

    label: str
    mark: str
    look: int
    curve: Curve
    not_positive: int
    is_faint: bool
    notes: tuple[str, ...]

    @property
    def classes(self) -> str:
        """Of its line."""
        if self.is_faint:
            return f"{look_classes(self.look)} series-raw"
        return look_classes(self.look) + (" series-dense" if self.curve.steps.size > DENSE else "")


def drawn(series: Sequence[Series], *, y_log: bool) -> list[Drawn]:
    """The series, thinned; the more lines there are, the fewer points each has.

    A line that is drawn raw and smoothed shares its points among the two: the one has no spikes to lose, and
    of the other, faint behind it, one sees little more than how far it goes.
    """
    named = sum(not one.is_faint for one in series)
    buckets = min(DEFAULT_BUCKETS, BUCKETS_IN_ALL // max(named, 1))
    if named < len(series):
        buckets //= 2
    return [
        _drawn(one, place, y_log=y_log, buckets=max(LEAST_BUCKETS, buckets))
        for place, one in enumerate(series)
    ]


def _drawn(series: Series, place: int, *, y_log: bool, buckets: int) -> Drawn:
    values = np.asarray(series.values, dtype=np.float64)
    look = place if series.look is None else series.look
    not_positive = int((values <= 0).sum()) if y_log else 0
    if not_positive:
        values = np.where(values <= 0, np.nan, values)
    curve = decimate(series.steps, values, buckets=buckets)
    mark = series.mark or series.label
    return Drawn(series.label, mark, look, curve, not_positive, series.is_faint, series.notes)
