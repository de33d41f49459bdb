"""From values to pixels, along one axis."""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.stats.numbers import axis_label, human_duration
from analysis.stats.ticks import linear_ticks, log_ticks, time_ticks

Floats = NDArray[np.float64]
MOST = sys.float_info.max
LEAST_DECADE, MOST_DECADE = sys.float_info.min_10_exp, sys.float_info.max_10_exp


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``[low, high]`` linearly or by decades onto ``[start, end]`` pixels."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False
    is_time: bool = False

    def pixels(self, values: Floats) -> Floats:
        """Shape as given; NaN stays NaN."""
        low, high = self.low, self.high
        if self.is_log:
            low, high, values = math.log10(low), math.log10(high), np.log10(values)
        # Halves first: the widest float range overflows when subtracted.
        share = (values / 2 - low / 2) / (high / 2 - low / 2)
        pixels: Floats = self.start + share * (self.end - self.start)
        return pixels

    def ticks(self, target: int) -> list[tuple[float, str]]:
        """``(pixel, label)`` of each mark; about ``target`` many on a linear axis."""
        values = self._tick_values(target)
        label: Callable[[float], str] = human_duration if self.is_time else axis_label
        pixels = self.pixels(np.array(values, dtype=np.float64))
        return [(float(at), label(value)) for at, value in zip(pixels, values, strict=True)]

    def _tick_values(self, target: int) -> tuple[float, ...]:
        if self.is_log:
            return log_ticks(self.low, self.high)
        if not math.isfinite(self.high - self.low):
            return (self.low, self.high)
        return (time_ticks if self.is_time else linear_ticks)(self.low, self.high, target=target)


def padded(low: float, high: float, *, is_log: bool = False) -> tuple[float, float]:
    """A range with air around it, and with some width where all values are equal."""
    if is_log:
        first, last = math.log10(low), math.log10(high)
        air = (last - first) * 0.05 if high > low else 0.2
        return 10 ** max(first - air, LEAST_DECADE), 10 ** min(last + air, MOST_DECADE)
    air = (high / 2 - low / 2) * 0.1 if high > low else (abs(low) * 0.05 or 0.5)
    return max(low - air, -MOST), min(high + air, MOST)
