"""A curve as the ``d`` of an SVG path."""

import numpy as np
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
    parts: list[str] = []
    pen, at_x, at_y = "m", 0, 0
    seen = np.isfinite(y).tolist()
    across = np.rint(x * UNIT).astype(np.int64).tolist()
    down = np.rint(np.nan_to_num(y) * UNIT).astype(np.int64).tolist()
    for next_x, next_y, is_seen in zip(across, down, seen, strict=True):
        if not is_seen:
            pen = "m"
            continue
        # "h0" after a move draws a dot, so that a point between two gaps is seen.
        dot = "h0" if pen == "m" else ""
        parts.append(f"{pen}{next_x - at_x} {next_y - at_y}{dot}")
        pen, at_x, at_y = "l" if dot else " ", next_x, next_y
    return "".join(parts)
