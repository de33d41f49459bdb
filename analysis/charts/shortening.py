"""Values as few digits as tell them where they are shown."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from analysis.charts.scale import Scale

Floats = NDArray[np.float64]
LEAST_DIGITS = 5
PARTS_OF_AXIS = 20_000
PARTS_OF_STEP = 10
EXACT = 15  # digits that every float keeps
MOST_PLACES = 300
SMALLEST = 1e-300


def shortened(columns: Sequence[Floats], *, axis: Scale) -> list[list[float]]:
    """The values, each as the float with the shortest text that tells it.

    That is to five digits, to a 20,000th of the axis, or to a tenth of the way to the neighbour that is
    further off, whichever is finest: one line may fall from 1,000 and end in moves of 0.001, which are seen
    when its end is shown alone. Nothing left of the decimal point is lost, which would save no character.

    Args:
        columns: Each of shape ``(n,)``, NaN for a gap.
        axis: What they are shown on.
    """
    y, ends = np.concatenate(columns), np.cumsum([each.size for each in columns])[:-1]
    moves = np.fmin(axis.part_at(y, parts=PARTS_OF_AXIS), _steps(y, ends) / PARTS_OF_STEP)
    size = np.abs(y)
    exponent = np.floor(np.log10(size, out=np.zeros_like(size), where=size > 0))
    places = np.maximum(LEAST_DIGITS - 1 - exponent, -np.floor(np.log10(np.maximum(moves, SMALLEST))))
    places = np.where(exponent < EXACT, np.maximum(places, 0), places)
    is_short = (exponent + places < EXACT) & (places <= MOST_PLACES)
    kept = np.where(is_short, _rounded(y, places), y)
    return [each.tolist() for each in np.split(kept, ends)]


def _steps(y: Floats, ends: NDArray[np.intp]) -> Floats:
    """How far the further of a value's two neighbours in its own column is; NaN where none differs."""
    if y.size < 2:  # noqa: PLR2004 (two have a step between them)
        return np.full_like(y, np.nan)
    with np.errstate(over="ignore"):
        steps = np.abs(np.diff(y))
    steps[ends[(ends > 0) & (ends < y.size)] - 1] = np.nan
    steps[steps == 0] = np.nan
    further: Floats = np.fmax(np.append(steps, np.nan), np.insert(steps, 0, np.nan))
    return further


def _rounded(y: Floats, places: Floats) -> Floats:
    """To so many places after the point, negative ones before it."""
    places = np.clip(places, -MOST_PLACES, MOST_PLACES)
    # Both powers are whole numbers, so that the quotient is the float nearest to the decimal.
    up, down = np.power(10.0, np.maximum(places, 0)), np.power(10.0, np.maximum(-places, 0))
    with np.errstate(over="ignore"):
        rounded: Floats = np.rint(y / down * up) / up * down
    return np.where(np.isfinite(rounded), rounded, y)
