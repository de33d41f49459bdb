"""What the mean of a group leaves out of its runs' values."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def left_out(curves: Sequence[Floats], *, y_log: bool) -> tuple[str, ...]:
    """In words: how many values are no numbers, and how many a log axis can't show.

    Args:
        curves: The values of each run, each of shape ``(n,)``, as they were logged.
        y_log: Whether the axis has decades.
    """
    not_positive = sum(int((values <= 0).sum()) for values in curves) if y_log else 0
    not_finite = sum(int((~np.isfinite(values)).sum()) for values in curves)
    if y_log:
        not_finite -= sum(int(np.isneginf(values).sum()) for values in curves)
    told = (
        (not_finite, "NaN or infinite; left out of the mean and the band."),
        (not_positive, "at or below 0, which a log axis cannot show; left out of the mean and the band."),
    )
    return tuple(f"{count:,} {why}" for count, why in told if count)
