"""Several curves on one grid: their mean, and the band that holds them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Spread = Literal["range", "deviation"]
DEFAULT_PLACES = 200


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Several curves as one.

    Attributes:
        steps: Shape ``(m,)``, ascending; ``m`` is 0 where no curve has a finite value.
        mean: Shape ``(m,)``: of the curves that are there.
        low: Shape ``(m,)``: the lowest value, or the mean less one standard deviation.
        high: Shape ``(m,)``: as ``low``, above.
        counts: Shape ``(m,)``: how many curves are there, 1 or more.
    """

    steps: Floats
    mean: Floats
    low: Floats
    high: Floats
    counts: NDArray[np.int64]


def band_of(
    curves: Sequence[tuple[ArrayLike, ArrayLike]],
    *,
    places: int = DEFAULT_PLACES,
    spread: Spread = "range",
) -> Band:
    """The mean of curves and what they range over, on one grid.

    The grid is every step that occurs, where those are at most ``places``; else so many even intervals from
    the first step to the last, each at its middle. In an interval with several points of a curve, its mean
    there counts for the mean and its lowest and highest for the range, so that no spike is lost; between its
    points a curve is interpolated along a straight line.

    A curve counts only from its own first finite point to its last. So where runs are of different length,
    the mean beyond the end of the shorter ones is that of the longer ones alone, and may jump there;
    ``counts`` says how many there are. NaN and infinities are left out, and a gap between two finite points
    is interpolated like any other.

    Args:
        curves: Pairs of steps and values, each of shape ``(n,)``, steps ascending.
        places: Most points of the grid.
        spread: ``range`` for lowest to highest, ``deviation`` for one standard deviation (of the population
            of curves) to both sides of the mean.

    Raises:
        ValueError: Where steps and values differ in shape, or ``places`` is below 1.
    """
    if places < 1:
        raise ValueError(f"A grid needs 1 place or more, not {places}.")
    finite = [each for each in (_finite(*curve) for curve in curves) if each[0].size]
    if not finite:
        nothing = np.empty(0)
        return Band(nothing, nothing, nothing, nothing, np.empty(0, dtype=np.int64))
    grid, edges = _grid([steps for steps, _ in finite], places)
    laid = [_laid(steps, values, grid, edges) for steps, values in finite]
    means, lows, highs = (np.stack(each) for each in zip(*laid, strict=True))
    there = np.isfinite(means)
    counts = there.sum(axis=0)
    kept = counts > 0
    mean = _mean(means[:, kept], there[:, kept])
    if spread == "deviation":
        apart = np.sqrt(_mean((means[:, kept] - mean) ** 2, there[:, kept]))
        low, high = mean - apart, mean + apart
    else:
        low, high = np.nanmin(lows[:, kept], axis=0), np.nanmax(highs[:, kept], axis=0)
    return Band(grid[kept], mean, low, high, counts[kept])


def _finite(steps: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.asarray(steps, dtype=np.float64), np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"steps and values must be lists of one length, not {x.shape}, {y.shape}.")
    seen = np.isfinite(y)
    return x[seen], y[seen]


def _grid(all_steps: list[Floats], places: int) -> tuple[Floats, Floats]:
    """The places, and the edges of the intervals around them (one more)."""
    first, last = min(steps[0] for steps in all_steps), max(steps[-1] for steps in all_steps)
    grid = _occurring(all_steps, places)
    if grid is None:
        edges = np.linspace(first, last, places + 1)
        return (edges[1:] + edges[:-1]) / 2, edges
    between = (grid[1:] + grid[:-1]) / 2
    return grid, np.concatenate([[first], between, [last]])


def _occurring(all_steps: list[Floats], places: int) -> Floats | None:
    """Every step that occurs; None where they are too many."""
    grid = np.empty(0)
    for steps in all_steps:
        grid = np.union1d(grid, steps)
        if grid.size > places:
            return None
    return grid


def _laid(steps: Floats, values: Floats, grid: Floats, edges: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean, lowest and highest of one curve at each place; NaN before its first point and after its last."""
    place = np.clip(np.searchsorted(edges, steps, side="right") - 1, 0, grid.size - 1)
    starts = np.flatnonzero(np.diff(place, prepend=-1))
    held, counts = place[starts], np.diff(np.append(starts, steps.size))
    lowest, highest = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    # Shares first, since a sum may overflow; what they round away or add stays inside the range.
    means = np.clip(np.add.reduceat(values / np.repeat(counts, counts), starts), lowest, highest)
    mean = np.interp(grid, steps, values)
    mean[held] = np.where(counts > 1, means, mean[held])
    low, high = mean.copy(), mean.copy()
    low[held], high[held] = np.minimum(low[held], lowest), np.maximum(high[held], highest)
    for each in (mean, low, high):
        each[: held[0]] = each[held[-1] + 1 :] = np.nan
    return mean, low, high


def _mean(values: Floats, there: NDArray[np.bool_]) -> Floats:
    """The mean of each column's values that are there; never above or below them by rounding."""
    share = np.where(there, values, 0) / there.sum(axis=0)
    mean: Floats = np.clip(share.sum(axis=0), np.nanmin(values, axis=0), np.nanmax(values, axis=0))
    return mean
