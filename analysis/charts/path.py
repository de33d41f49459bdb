"""A curve, or the area between two, as the ``d`` of an SVG path."""

import numpy as np
import orjson
from numpy.typing import NDArray

Floats = NDArray[np.float64]
UNIT = 10
"""Path units in a pixel: the path is drawn in whole tenths and scaled down by its group."""


def path_data(x: Floats, y: Floats) -> str:
    """Relative moves in tenths of a pixel; a NaN in ``y`` lifts the pen.

    Args:
        x: Shape ``(n,)``, finite, pixels.
        y: Shape ``(n,)``, pixels, NaN for a gap.
    """
    seen = np.flatnonzero(np.isfinite(y))
    if not seen.size:
        return ""
    tenths = np.rint(np.column_stack([x[seen], y[seen]]) * UNIT).astype(np.int64)
    moves = np.diff(tenths, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
    starts = np.flatnonzero(np.diff(seen, prepend=-2) > 1).tolist()
    lines = zip(starts, [*starts[1:], seen.size], strict=True)
    return "".join(_line(moves[first:end].ravel().tolist()) for first, end in lines)


def area_data(x: Floats, low: Floats, high: Floats) -> str:
    """The closed outline: along ``high``, and back along ``low``; all finite, of shape ``(n,)``."""
    return path_data(np.append(x, x[::-1]), np.append(high, low[::-1])) + "z"


def _line(moves: list[int]) -> str:
    # "h0" after a move draws a dot, so that a point between two gaps is seen.
    start, rest = f"m{_numbers(moves[:2])}h0", moves[2:]
    return f"{start}l{_numbers(rest)}" if rest else start


def _numbers(moves: list[int]) -> str:
    # orjson writes thousands of numbers ten times faster than Python does.
    return orjson.dumps(moves)[1:-1].decode().replace(",-", "-").replace(",", " ")
