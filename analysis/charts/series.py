"""What a chart is drawn from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

LOOKS = 8
"""Colours and dash patterns told apart; above that, group the runs first."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One line of a chart.

    Attributes:
        label: What the legend says.
        steps: Shape ``(n,)``, ascending.
        values: Shape ``(n,)``; NaN and infinities break the line.
        look: Colour and dash pattern, 0 to 7; None takes the place in the list.
        is_faint: Drawn thin behind the others, and not in the legend (raw beside smoothed).
        mark: Lines and words with the same one are of the same thing (a run's id); empty for the label.
        notes: What it leaves out that is not to be seen in its values, for the words below the chart.
    """

    label: str
    steps: ArrayLike
    values: ArrayLike
    look: int | None = None
    is_faint: bool = False
    mark: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Area:
    """What several lines range over, drawn behind them all.

    Attributes:
        steps: Shape ``(n,)``, ascending, finite.
        low: Shape ``(n,)``, finite.
        high: Shape ``(n,)``, finite, nowhere below ``low``.
        look: As of the line that runs through it.
        mark: As of the line that runs through it.
    """

    steps: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    look: int
    mark: str


def look_classes(look: int) -> str:
    """The CSS classes of a colour and its dash pattern."""
    return f"c{look % LOOKS} d{look % LOOKS}"
