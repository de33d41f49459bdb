"""The frame of a line chart: two scales, grid lines and labels."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from analysis.charts.scale import Kind, Scale, padded

Floats = NDArray[np.float64]
LABEL_WIDTH, EDGE, X_TICKS, Y_TICKS = 8.5, 12, 6, 5
BELOW, LINE = 36, 16  # two lines under the base, as high as they are written on phones


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a chart's points fall, in its own pixels."""

    x: Scale
    y: Scale
    width: int
    height: int


def frame_around(
    steps: Floats, values: Floats, *, size: tuple[int, int], is_log: bool, x_kind: Kind
) -> Frame:
    """A frame that holds every point, with room for the longest label at its left.

    Args:
        steps: Shape ``(n,)``, finite, one or more.
        values: Shape ``(n,)``, at least one finite; above zero where ``is_log``.
        size: Width and height in pixels.
        is_log: Decades on the y axis.
        x_kind: What x counts.
    """
    width, height = size
    low, high = padded(float(np.nanmin(values)), float(np.nanmax(values)), is_log=is_log)
    first, last = float(steps.min()), float(steps.max())
    if first == last:
        first, last = padded(first, last)
    y = Scale(low, high, height - BELOW, EDGE, is_log=is_log)
    longest = max((len(label) for _, label in y.ticks(Y_TICKS)), default=0)
    x = Scale(first, last, EDGE + LABEL_WIDTH * longest, width - 1.5 * EDGE, kind=x_kind)
    return Frame(x, y, width, height)


def axes(frame: Frame, *, x_label: str) -> SafeString:
    """Grid lines with their labels, the base line, and the name of the x axis."""
    left, right, bottom = round(frame.x.start), round(frame.x.end), round(frame.y.start)
    columns = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((f"{at:.1f}", bottom + LINE, label) for at, label in frame.x.ticks(X_TICKS)),
    )
    return format_html(
        '{}<path class="chart-axis" d="M{} {}H{}"/>'
        '<g class="chart-x">{}</g><text class="chart-unit" x="{}" y="{}">{}</text>',
        grid_rows(frame.y.ticks(Y_TICKS), left=left, right=right),
        left,
        bottom,
        right,
        columns,
        right,
        frame.height - 4,
        x_label,
    )


def grid_rows(ticks: Iterable[tuple[float, str]], *, left: int, right: int) -> SafeString:
    """A line across for each mark of a y axis, with its label before it.

    Args:
        ticks: Pixel from the top, and label.
        left: Where the lines begin; the labels end six pixels before.
        right: Where they end.
    """
    rows = format_html_join(
        "",
        '<path class="chart-grid" d="M{} {}H{}"/><text x="{}" y="{}">{}</text>',
        ((left, f"{at:.1f}", right, left - 6, f"{at + 4:.1f}", label) for at, label in ticks),
    )
    return format_html('<g class="chart-y">{}</g>', rows)
