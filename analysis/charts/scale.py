"""From values to pixels, along one axis."""

import datetime as dt
import math
import sys
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from analysis.stats.clock import clock_labels
from analysis.stats.numbers import axis_label, digits_telling, human_duration, human_number
from analysis.stats.ticks import linear_ticks, log_ticks, time_ticks

Floats = NDArray[np.float64]
Numbers = TypeVar("Numbers", float, Floats)
MOST = sys.float_info.max
READ_PARTS = 1_000
Kind = Literal["step", "time", "clock"]
"""Plain numbers, seconds since something began, or seconds since 1970."""
LEAST_DECADE, MOST_DECADE = sys.float_info.min_10_exp, sys.float_info.max_10_exp


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``[low, high]`` linearly or by decades onto ``[start, end]`` pixels."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False
    kind: Kind = "step"

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
        labels = clock_labels(values) if self.kind == "clock" else [self.label(value) for value in values]
        if self.kind == "step" and len(set(labels)) < len(labels):
            apart = values[1] - values[0]
            labels = [human_number(each, digits=digits_telling(each, apart=apart)) for each in values]
        pixels = self.pixels(np.array(values, dtype=np.float64))
        return list(zip(pixels.tolist(), labels, strict=True))

    def label(self, value: float) -> str:
        """One value in words."""
        if self.kind == "clock":
            return f"{dt.datetime.fromtimestamp(value, tz=dt.UTC):%Y-%m-%d %H:%M:%S}"
        return human_duration(value) if self.kind == "time" else axis_label(value)

    def reading(self, value: float) -> str:
        """A number with so many digits that a thousandth of the axis is told apart, four or more."""
        apart = self.part_at(value, parts=READ_PARTS)
        return human_number(value, digits=digits_telling(value, apart=apart))

    def part_at(self, values: Numbers, *, parts: int) -> Numbers | float:
        """How far one of so many equal parts of the axis reaches from a value, or from each of many.

        On a linear axis that is the same from all of them, and one number.
        """
        if self.is_log:
            return abs(values) * ((math.log(self.high) - math.log(self.low)) / parts)
        return self.high / parts - self.low / parts

    def _tick_values(self, target: int) -> tuple[float, ...]:
        if self.is_log:
            return log_ticks(self.low, self.high)
        if not math.isfinite(self.high - self.low):
            return (self.low, self.high)
        return (linear_ticks if self.kind == "step" else time_ticks)(self.low, self.high, target=target)


def padded(low: float, high: float, *, is_log: bool = False) -> tuple[float, float]:
    """A range with air around it, and with some width where all values are equal."""
    if is_log:
        first, last = math.log10(low), math.log10(high)
        air = (last - first) * 0.05 if high > low else 0.2
        first, last = min(first - air, MOST_DECADE - 1), max(last + air, LEAST_DECADE + 1)
        return 10.0 ** max(first, LEAST_DECADE), 10.0 ** min(last, MOST_DECADE)
    air = (high / 2 - low / 2) * 0.1 if high > low else (abs(low) * 0.05 or 0.5)
    return max(low - air, -MOST), min(high + air, MOST)
