"""Moving averages that leave gaps as gaps."""

import math
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
VIEWPORT = 1_000
"""The whole x range counts as this many steps, so that a weight looks alike on any run."""
MOST_WEIGHT = 0.999
BLOCK = 300.0
"""Powers of e that one block may decay by: far inside what a float holds, also times many values."""


def ema(values: ArrayLike, *, weight: float) -> Floats:
    """Exponential moving average without the pull towards zero at its start.

    Args:
        values: Shape ``(n,)``; NaN and infinities stay NaN and are not averaged.
        weight: 0 (the values themselves) to below 1 (heavier).

    Raises:
        ValueError: Where ``weight`` is outside ``[0, 1)``.
    """
    _check(weight)
    y = np.asarray(values, dtype=np.float64)
    return _average(y, np.arange(y.size, dtype=np.float64), weight)


def twema(steps: ArrayLike, values: ArrayLike, *, weight: float) -> Floats:
    """Time-weighted exponential moving average, as Weights & Biases draws it.

    A wide gap between two steps forgets more than a narrow one.

    Args:
        steps: Shape ``(n,)``, ascending.
        values: Shape ``(n,)``; NaN and infinities stay NaN and are not averaged.
        weight: 0 (the values themselves) to below 1 (heavier).

    Raises:
        ValueError: Where ``weight`` is outside ``[0, 1)`` or the shapes differ.
    """
    _check(weight)
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"steps and values must be lists of one length, not {x.shape}, {y.shape}.")
    span = float(np.ptp(x)) if x.size else 0.0
    if span == 0 or weight == 0:
        return ema(y, weight=weight)
    moved = np.maximum.accumulate(x - x[0]) / span * VIEWPORT
    return _average(y, moved, min(math.sqrt(weight), MOST_WEIGHT))


def _check(weight: float) -> None:
    if not 0 <= weight < 1:
        raise ValueError(f"The smoothing weight must be from 0 to below 1, not {weight}.")


def _average(values: Floats, moved: Floats, decay: float) -> Floats:
    """The mean of all values so far, each weighted by ``decay`` to the power of how far one has moved since.

    That power is split in two, one for where the value stands and one for where one is now, so that whole
    blocks are running sums; a block ends before the first of the two leaves the range of a float.
    """
    finite = np.isfinite(values)
    smooth = np.where(finite, values, np.nan)
    if decay == 0 or not finite.any():
        return smooth
    y, faded = values[finite], moved[finite] * -math.log(decay)
    most = float(np.abs(y).max()) or 1.0
    blocks = np.floor((faded - faded[0]) / BLOCK)
    edges = [0, *(np.flatnonzero(np.diff(blocks)) + 1).tolist(), y.size]
    total = mass = 0.0
    parts: list[Floats] = []
    for first, end in pairwise(edges):
        grown = np.exp(faded[first:end] - faded[first])
        kept = math.exp(faded[max(first - 1, 0)] - faded[first])
        totals = np.cumsum(y[first:end] / most * grown) + total * kept
        masses = np.cumsum(grown) + mass * kept
        parts.append(totals / masses * most)
        total, mass = float(totals[-1] / grown[-1]), float(masses[-1] / grown[-1])
    smooth[finite] = np.concatenate(parts)
    return smooth
