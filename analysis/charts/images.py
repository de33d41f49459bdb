"""Small grey images as inline SVG."""

from typing import Any

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from numpy.typing import NDArray

MOST_SQUARES = 64  # a side


def grey_image(pixels: NDArray[Any], *, label: str) -> SafeString:
    """An image, darker where the value is greater; the least value is blank.

    Args:
        pixels: Shape ``(height, width)``; of one larger than 64 each n-th is drawn.
        label: The accessible name.
    """
    step = -(-max(pixels.shape) // MOST_SQUARES)
    values = np.nan_to_num(np.asarray(pixels[::step, ::step], dtype=np.float64))
    least, span = float(values.min()), float(np.ptp(values)) or 1.0
    dark = ((values - least) / span).round(2)
    squares = format_html_join(
        "",
        '<rect x="{}" y="{}" width="1" height="1" fill-opacity="{}"/>',
        ((x, y, dark[y, x]) for y, x in np.argwhere(dark > 0).tolist()),
    )
    height, width = values.shape
    return format_html(
        '<svg class="grey-image" viewBox="0 0 {} {}" width="96" height="96" fill="currentColor" role="img">'
        "<title>{}</title>{}</svg>",
        width,
        height,
        label,
        squares,
    )
