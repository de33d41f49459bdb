"""Thin a curve to what a screen can show, without losing its spikes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
DEFAULT_BUCKETS = 400


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve ready to draw.

    Attributes:
        steps: Shape ``(m,)``, in the given order.
        values: Shape ``(m,)``; NaN where the line breaks.
        not_finite: How many given values were NaN or infinite.
        first_break: Step of the first of them, or None.
    """

    steps: Floats
    values: Floats
    not_finite: int
    first_break: float | None


def decimate(steps: ArrayLike, values: ArrayLike, *, buckets: int = DEFAULT_BUCKETS) -> Curve:
    """Keep the lowest and the highest value of each bucket, the first and the last point.

    Args:
        steps: Shape ``(n,)``.
        values: Shape ``(n,)``; NaN and infinities break the line.
        buckets: How many groups of neighbours; at most ``3 * buckets + 2`` points remain,
            and curves of at most ``2 * buckets`` points stay whole.

    Raises:
        ValueError: Where the shapes differ, or ``buckets`` is below 1.
    """
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"steps and values must be lists of one length, not {x.shape}, {y.shape}.")
    if buckets < 1:
        raise ValueError(f"buckets must be 1 or more, not {buckets}.")
    finite = np.isfinite(y)
    breaks = np.flatnonzero(~finite)
    kept = np.arange(y.size) if y.size <= 2 * buckets else _kept(y, finite, buckets)
    return Curve(
        steps=x[kept],
        values=np.where(finite[kept], y[kept], np.nan),
        not_finite=int(breaks.size),
        first_break=float(x[breaks[0]]) if breaks.size else None,
    )


def _kept(y: Floats, finite: NDArray[np.bool_], buckets: int) -> NDArray[np.intp]:
    """Indices to keep: per bucket the lowest, the highest and the first break."""
    width = -(-y.size // buckets)
    rows = -(-y.size // width)
    starts = np.arange(rows) * width
    ends: Sequence[int] = (0, y.size - 1)
    if finite.all():
        # The end of the last bucket repeats the last value, which is kept in any case.
        filled = _rows(y, rows, width, y[-1])
        kept = [starts + filled.argmin(axis=1), starts + filled.argmax(axis=1)]
        return _each_once(np.minimum(np.concatenate([*kept, ends]), y.size - 1), y.size)
    lowest = _rows(np.where(finite, y, np.inf), rows, width, np.inf).argmin(axis=1)
    highest = _rows(np.where(finite, y, -np.inf), rows, width, -np.inf).argmax(axis=1)
    broken = _rows(~finite, rows, width, fill=False)
    first_broken = (starts + broken.argmax(axis=1))[broken.any(axis=1)]
    return _each_once(np.concatenate([starts + lowest, starts + highest, first_broken, ends]), y.size)


def _each_once(indices: NDArray[np.intp], size: int) -> NDArray[np.intp]:
    """In order; np.unique, which sorts them, takes four times as long."""
    is_kept = np.zeros(size, dtype=np.bool_)
    is_kept[indices] = True
    return np.flatnonzero(is_kept)


def _rows(flat: NDArray[Any], rows: int, width: int, fill: object) -> NDArray[Any]:
    if flat.size == rows * width:
        return flat.reshape(rows, width)
    padded = np.full(rows * width, fill, dtype=flat.dtype)
    padded[: flat.size] = flat
    return padded.reshape(rows, width)
