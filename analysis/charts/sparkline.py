"""A curve the size of a word, for tables."""

import numpy as np
from django.utils.html import format_html
from django.utils.safestring import SafeString
from numpy.typing import ArrayLike

from analysis.charts.path import UNIT, path_data
from analysis.charts.scale import Scale, padded
from analysis.stats.decimate import decimate
from analysis.stats.numbers import human_number

WIDTH, HEIGHT, BUCKETS = 120, 24, 40


def sparkline(values: ArrayLike, *, label: str = "") -> SafeString:
    """The shape of a curve; empty where fewer than two values are finite.

    Args:
        values: Shape ``(n,)``, in order; NaN and infinities break the line.
        label: What is drawn; the accessible name adds the first and the last value.
    """
    y = np.asarray(values, dtype=np.float64)
    finite = y[np.isfinite(y)]
    if finite.size <= 1:
        return SafeString("")
    curve = decimate(np.arange(y.size), y, buckets=BUCKETS)
    across = Scale(0, y.size - 1, 1, WIDTH - 1)
    down = Scale(*padded(float(finite.min()), float(finite.max())), HEIGHT, 0)
    name = f"{label} from {human_number(float(finite[0]))} to {human_number(float(finite[-1]))}"
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" role="img"><title>{}</title>'
        '<g transform="scale({})">'
        '<path class="series" vector-effect="non-scaling-stroke" d="{}"/></g></svg>',
        WIDTH,
        HEIGHT,
        name.strip(),
        1 / UNIT,
        path_data(across.pixels(curve.steps), down.pixels(curve.values)),
    )
