"""A metric across the versions of a model: one dot a version, a link each, the live ones named."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.charts.axes import grid_rows
from analysis.charts.path import UNIT, path_data
from analysis.charts.scale import Scale, padded
from analysis.stats.numbers import human_number

WIDTH, HEIGHT = 560, 240
TOP, BOTTOM, LEFT, RIGHT = 34, 46, 56, 26
MOST_LABELS = 12
CLOSE = 90  # pixels from the edge, where a name stands beside its dot


@dataclass(frozen=True, slots=True)
class VersionPoint:
    """A version on the chart.

    Attributes:
        value: NaN and infinities are named below the chart instead of drawn.
        address: Where the dot leads.
        live: The environments in which it answers.
        is_best: Whether no version has a better value.
    """

    number: int
    value: float
    address: str
    live: tuple[str, ...] = ()
    is_best: bool = False

    @property
    def marks(self) -> str:
        """What is special about it, in words."""
        return ", ".join([*(f"live in {each}" for each in self.live), *(["best"] if self.is_best else [])])


def version_chart(points: Sequence[VersionPoint], *, metric: str) -> SafeString:
    """A ``<figure>`` with one ``<svg>``; empty where fewer than two versions have a finite value.

    Args:
        points: By version, ascending.
        metric: What the values are.
    """
    shown = [each for each in points if math.isfinite(each.value)]
    if len(shown) <= 1:
        return SafeString("")
    values = [each.value for each in shown]
    x = Scale(shown[0].number, shown[-1].number, LEFT, WIDTH - RIGHT)
    y = Scale(*padded(min(values), max(values)), HEIGHT - BOTTOM, TOP)
    left_out = [each for each in points if not math.isfinite(each.value)]
    return format_html(
        '<figure class="chart-box"><svg class="chart version-chart" viewBox="0 0 {} {}" role="group"'
        ' aria-label="{} by version"><desc>{}</desc>{}{}{}</svg>{}</figure>',
        WIDTH,
        HEIGHT,
        metric,
        " ".join(f"{_sentence(each, metric)}." for each in shown),
        _frame(shown, x, y),
        _line(shown, x, y),
        _dots(shown, x, y, metric),
        _note(left_out, metric),
    )


def _frame(shown: Sequence[VersionPoint], x: Scale, y: Scale) -> SafeString:
    step = math.ceil(len(shown) / MOST_LABELS)
    places = x.pixels(np.array([each.number for each in shown], dtype=np.float64))
    columns = format_html_join(
        "",
        '<text x="{}" y="{}">v{}</text>',
        (
            (f"{at:.1f}", HEIGHT - 6, each.number)
            for at, each in list(zip(places.tolist(), shown, strict=True))[::-step][::-1]
        ),
    )
    rows = grid_rows(y.ticks(4), left=LEFT - 8, right=WIDTH - 12)
    return format_html('{}<g class="chart-x">{}</g>', rows, columns)


def _line(shown: Sequence[VersionPoint], x: Scale, y: Scale) -> SafeString:
    return format_html(
        '<g transform="scale({})"><path class="series c0" vector-effect="non-scaling-stroke" d="{}"/></g>',
        1 / UNIT,
        path_data(*_pixels(shown, x, y)),
    )


def _dots(shown: Sequence[VersionPoint], x: Scale, y: Scale, metric: str) -> SafeString:
    across, down = (each.tolist() for each in _pixels(shown, x, y))
    rows = []
    for place, (point, at, height) in enumerate(zip(shown, across, down, strict=True)):
        beside = [down[near] for near in (place - 1, place + 1) if 0 <= near < len(down)]
        is_valley = sum(beside) / len(beside) < height
        rows.append(
            format_html(
                '<a href="{}" aria-label="{}"><circle class="version-dot {}" cx="{}" cy="{}" r="{}"/>'
                "<title>{}</title></a>{}",
                point.address,
                _sentence(point, metric),
                " ".join([*(["is-live"] if point.live else []), *(["is-best"] if point.is_best else [])]),
                f"{at:.1f}",
                f"{height:.1f}",
                6 if point.live else 4,
                _sentence(point, metric),
                _name(point, at, height + (20 if is_valley else -12)),
            )
        )
    return format_html('<g class="c0">{}</g>', format_html_join("", "{}", ((each,) for each in rows)))


def _name(point: VersionPoint, at: float, height: float) -> SafeString:
    """The environments at a live version's dot, on the side that the line leaves free, inside the drawing."""
    if not point.live:
        return SafeString("")
    anchor = "start" if at < CLOSE else "end" if at > WIDTH - CLOSE else "middle"
    return format_html(
        '<text class="version-name" x="{}" y="{}" text-anchor="{}" aria-hidden="true">{}</text>',
        f"{at:.1f}",
        f"{height:.1f}",
        anchor,
        ", ".join(point.live),
    )


def _pixels(shown: Sequence[VersionPoint], x: Scale, y: Scale) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.array([each.number for each in shown], dtype=np.float64)
    return x.pixels(numbers), y.pixels(np.array([each.value for each in shown], dtype=np.float64))


def _sentence(point: VersionPoint, metric: str) -> str:
    marks = f" ({point.marks})" if point.marks else ""
    return f"Version {point.number}: {metric} {human_number(point.value)}{marks}"


def _note(left_out: Sequence[VersionPoint], metric: str) -> SafeString:
    if not left_out:
        return SafeString("")
    numbers = ", ".join(str(each.number) for each in left_out)
    return format_html(
        '<p class="chart-note">Not drawn, since their {} is NaN or infinite: version {}.</p>', metric, numbers
    )
