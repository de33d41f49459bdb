"""Moving averages that leave gaps as gaps."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
VIEWPORT = 1_000
"""The whole x range counts as this many steps, so that a weight looks alike on any run."""
MOST_WEIGHT = 0.999


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
    return _average(y, [weight] * y.size)


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
        return _average(y, [weight] * y.size)
    moved = np.diff(x, prepend=x[0]) / span * VIEWPORT
    decay = np.power(min(math.sqrt(weight), MOST_WEIGHT), np.maximum(moved, 0))
    return _average(y, decay.tolist())


def _check(weight: float) -> None:
    if not 0 <= weight < 1:
        raise ValueError(f"The smoothing weight must be from 0 to below 1, not {weight}.")


def _average(values: Floats, decays: Sequence[float]) -> Floats:
    """Each value joins a sum that decays; dividing by the sum of weights removes the bias."""
    total, mass, pending = 0.0, 0.0, 1.0
    smooth: list[float] = []
    for value, decay in zip(values.tolist(), decays, strict=True):
        pending *= decay
        if not math.isfinite(value):
            smooth.append(math.nan)
            continue
        total, mass, pending = total * pending + value, mass * pending + 1, 1.0
        smooth.append(total / mass)
    return np.array(smooth, dtype=np.float64)
