"""One window of a data set, as its page shows it."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from analysis.charts.images import grey_image
from analysis.charts.line_chart import line_chart
from analysis.charts.series import Series as Line
from features.services.windows import read_windows, series_of
from features.window_files import Series
from registry.exceptions import NotFoundError
from registry.services.datasets import find_dataset

MOST_LENGTH = 20_000
MOST_IMAGES = 24
DEFAULT_SECONDS = 10
IMAGE_DIMENSIONS = 2


@dataclass(frozen=True)
class WindowView:
    """A window drawn.

    Attributes:
        source: ``memory``, ``redis`` or ``source``; ``milliseconds`` is what reading it took.
        previous_start, next_start: Where its neighbours begin; None beyond the ends.
    """

    series: Series
    other_series: list[str]
    start: int
    length: int
    source: str
    milliseconds: float
    byte_count: int
    pictures: list[SafeString]
    previous_start: int | None
    next_start: int | None


def window_view(dataset: str, *, series: str = "", start: int = 0, length: int = 0) -> WindowView:
    """The window from ``start``, cut to what the series has (two statements, at most two round trips).

    Args:
        series: By default the first.
        length: Values along the first axis; 0 for ten seconds, or a page of images.

    Raises:
        NotFoundError: there is no such data set, series or file.
        BadInputError: the data set is no HDF5 file.
    """
    names = series_of(find_dataset(dataset))
    shown = next((each for each in names if series in ("", each.name)), None)
    if shown is None:
        raise NotFoundError(f"{dataset!r} has no series {series[:100]!r}.")
    is_images = len(shown.item_shape) == IMAGE_DIMENSIONS
    usual = MOST_IMAGES if is_images else int(shown.rate_hz * DEFAULT_SECONDS) or shown.length
    most = MOST_IMAGES if is_images else MOST_LENGTH
    length = min(length or usual, most, shown.length)
    start = max(0, min(start, shown.length - length))
    began = time.perf_counter()
    (found,) = read_windows(dataset=dataset, series=shown.name, starts=[start], length=length)
    milliseconds = (time.perf_counter() - began) * 1_000
    draw = _images if is_images else _line
    return WindowView(
        series=shown,
        other_series=[each.name for each in names if each.name != shown.name],
        start=start,
        length=length,
        source=found.source,
        milliseconds=milliseconds,
        byte_count=found.array.nbytes,
        pictures=draw(shown, start, found.array),
        previous_start=max(0, start - length) if start else None,
        next_start=start + length if start + length < shown.length else None,
    )


def _images(series: Series, start: int, array: NDArray[Any]) -> list[SafeString]:
    return [
        grey_image(image, label=f"{series.name} {number}") for number, image in enumerate(array, start=start)
    ]


def _line(series: Series, start: int, array: NDArray[Any]) -> list[SafeString]:
    steps = np.arange(start, start + array.shape[0])
    is_time = series.rate_hz > 0
    values = array.reshape(array.shape[0], -1)[:, 0].astype(np.float64)
    title = f"{series.name}, {series.unit}" if series.unit else series.name
    line = Line(series.name, steps / series.rate_hz if is_time else steps, values)
    return [
        line_chart(
            [line], title=title, x_label="time" if is_time else "step", x_kind="time" if is_time else "step"
        )
    ]
