"""One thing that runs differ in, as an axis: numbers by size, texts by name."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.charts.scale import Scale, padded
from analysis.stats.numbers import human_number
from registry.models.param import number_in

LOG_SPAN = 100
"""Numbers above zero that differ by more than this factor lie on a log axis."""
MOST_NAMES = 14
SPREAD = 0.6

Value = float | str | None


@dataclass(frozen=True)
class Dimension:
    """An axis and where each run lies on it.

    Attributes:
        label: What is measured, such as ``lr``.
        values: One a run; None where a run has none. All numbers, or all read as texts.
        better: ``higher`` or ``lower``, empty where nobody knows.
    """

    label: str
    values: Sequence[Value]
    better: str = ""

    @cached_property
    def is_number(self) -> bool:
        """Whether every value there is a number."""
        return all(isinstance(value, float) for value in self.values if value is not None)

    @cached_property
    def is_log(self) -> bool:
        """Whether the numbers span so much that decades show them better."""
        numbers = self._numbers
        return bool(numbers) and min(numbers) > 0 and max(numbers) / min(numbers) > LOG_SPAN

    @cached_property
    def names(self) -> list[str]:
        """The different texts in order, numbers among them by size; empty on an axis of numbers."""
        return (
            []
            if self.is_number
            else sorted({str(each) for each in self.values if each is not None}, key=_order)
        )

    @property
    def remarks(self) -> list[str]:
        """What to know of the axis: which way is better, and that it is logarithmic."""
        better = [f"{self.better} is better"] if self.better else []
        return [*better, "log"] if self.is_log else better

    @property
    def is_empty(self) -> bool:
        """Whether no run has a value."""
        return all(value is None for value in self.values)

    def positions(self, start: float, end: float) -> list[float | None]:
        """Where each run lies between two pixels; None where it has no value."""
        if self.is_number:
            scale = self._scale(start, end)
            pixels = scale.pixels(
                np.array([math.nan if v is None else v for v in self.values], dtype=np.float64)
            )
            return [None if math.isnan(at) else at for at in pixels.tolist()]
        return [None if value is None else self._slot(str(value), start, end) for value in self.values]

    def spread(self, start: float, end: float) -> list[float | None]:
        """As ``positions``, and runs of one text side by side, so that none hides another."""
        places = self.positions(start, end)
        if self.is_number:
            return places
        counts, seen = Counter(self.values), Counter[Value]()
        room = (end - start) / max(len(self.names), 1) * SPREAD
        for index, (value, at) in enumerate(zip(self.values, places, strict=True)):
            if at is not None:
                places[index] = at + room * ((seen[value] + 0.5) / counts[value] - 0.5)
                seen[value] += 1
        return places

    def ticks(self, start: float, end: float, *, target: int = 5) -> list[tuple[float, str]]:
        """``(pixel, label)`` of each mark."""
        if self.is_number:
            return self._scale(start, end).ticks(target) if self._numbers else []
        every = -(-len(self.names) // MOST_NAMES)
        return [(self._slot(name, start, end), name) for name in self.names[::every]]

    def word(self, index: int) -> str:
        """One run's value as people read it."""
        value = self.values[index]
        return human_number(value) if value is None or isinstance(value, float) else value

    @property
    def _numbers(self) -> list[float]:
        return [value for value in self.values if isinstance(value, float)] if self.is_number else []

    def _scale(self, start: float, end: float) -> Scale:
        numbers = self._numbers or [0.0]
        low, high = padded(min(numbers), max(numbers), is_log=self.is_log)
        return Scale(low, high, start, end, is_log=self.is_log)

    def _slot(self, name: str, start: float, end: float) -> float:
        return start + (self.names.index(name) + 0.5) / len(self.names) * (end - start)


def dimension_of_texts(label: str, texts: Sequence[str | None]) -> Dimension:
    """The axis of a param: numbers where every text is a finite one."""
    numbers = [None if text is None else number_in(text) for text in texts]
    if all(number is not None or text is None for number, text in zip(numbers, texts, strict=True)):
        return Dimension(label, numbers)
    return Dimension(label, texts)


def _order(name: str) -> tuple[bool, float, str]:
    number = number_in(name)
    return number is None, number or 0.0, name
