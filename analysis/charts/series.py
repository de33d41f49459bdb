"""What a chart is drawn from."""

from dataclasses import dataclass

from numpy.typing import ArrayLike

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
    """

    label: str
    steps: ArrayLike
    values: ArrayLike
    look: int | None = None
    is_faint: bool = False


def look_classes(look: int) -> str:
    """The CSS classes of a colour and its dash pattern."""
    return f"c{look % LOOKS} d{look % LOOKS}"
