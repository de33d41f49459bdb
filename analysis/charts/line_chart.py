"""Curves over steps or time, as inline SVG that themes, prints and needs no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.charts.axes import Frame, axes, frame_around
from analysis.charts.path import UNIT, path_data
from analysis.charts.series import Series, look_classes
from analysis.stats.decimate import DEFAULT_BUCKETS, Curve, decimate
from analysis.stats.numbers import axis_label, human_number

XKind = Literal["step", "time"]


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A series, thinned, with what had to be left out."""

    label: str
    look: int
    curve: Curve
    not_positive: int
    is_faint: bool

    @property
    def classes(self) -> str:
        return look_classes(self.look) + (" series-raw" if self.is_faint else "")


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    x_label: str = "step",
    x_kind: XKind = "step",
    y_log: bool = False,
    width: int = 560,
    height: int = 250,
    buckets: int = DEFAULT_BUCKETS,
) -> SafeString:
    """A ``<figure>``: a caption, a legend of two lines and more, one ``<svg>``, and what could not be drawn.

    Args:
        series: The lines; a series without any finite value is named in the note only.
        title: The caption and the picture's accessible name.
        x_label: What the x axis counts.
        x_kind: ``time`` reads x as seconds.
        y_log: Decades on the y axis; values at or below zero are left out and counted.
        width: Of the drawing, in its own pixels; the page scales it.
        height: As ``width``.
        buckets: See ``decimate``.
    """
    drawn = [_draw(one, place, y_log=y_log, buckets=buckets) for place, one in enumerate(series)]
    shown = [one for one in drawn if np.isfinite(one.curve.values).any()]
    if not shown:
        picture = format_html('<p class="muted">{}</p>', "No finite value to draw.")
    else:
        frame = frame_around(
            np.concatenate([one.curve.steps for one in shown]),
            np.concatenate([one.curve.values for one in shown]),
            size=(width, height),
            is_log=y_log,
            is_time=x_kind == "time",
        )
        picture = _svg(shown, frame, title=title, x_label=x_label)
    return format_html(
        '<figure class="chart-box"><figcaption>{}</figcaption>{}{}{}</figure>',
        title,
        _legend(shown),
        picture,
        _notes(drawn),
    )


def _draw(series: Series, place: int, *, y_log: bool, buckets: int) -> _Drawn:
    values = np.asarray(series.values, dtype=np.float64)
    look = place if series.look is None else series.look
    not_positive = int((values <= 0).sum()) if y_log else 0
    if y_log:
        values = np.where(values <= 0, np.nan, values)
    curve = decimate(series.steps, values, buckets=buckets)
    return _Drawn(series.label, look, curve, not_positive, series.is_faint)


def _svg(shown: list[_Drawn], frame: Frame, *, title: str, x_label: str) -> SafeString:
    paths = format_html_join(
        "",
        '<path class="series {}" vector-effect="non-scaling-stroke" d="{}"/>',
        ((one.classes, _path(one.curve, frame)) for one in shown),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>'
        '{}<g transform="scale({})">{}</g></svg>',
        frame.width,
        frame.height,
        title,
        " ".join(_sentence(one, x_label) for one in shown if not one.is_faint),
        axes(frame, x_label=x_label),
        1 / UNIT,
        paths,
    )


def _path(curve: Curve, frame: Frame) -> str:
    return path_data(frame.x.pixels(curve.steps), frame.y.pixels(curve.values))


def _legend(shown: list[_Drawn]) -> SafeString:
    named = [one for one in shown if not one.is_faint]
    if len(named) <= 1:
        return SafeString("")
    rows = format_html_join(
        "",
        '<li><svg viewBox="0 0 28 10" aria-hidden="true"><path class="series {}" d="M1 5h26"/></svg>{}</li>',
        ((one.classes, one.label) for one in named),
    )
    return format_html('<ul class="legend">{}</ul>', rows)


def _sentence(one: _Drawn, x_label: str) -> str:
    """The line in words: where it starts and ends, and between what it moves."""
    first, *_, last = one.curve.steps.tolist() * 2
    seen = one.curve.values[np.isfinite(one.curve.values)]
    start, end, low, high = (
        human_number(float(value)) for value in (seen[0], seen[-1], seen.min(), seen.max())
    )
    return (
        f"{one.label}: {x_label} {axis_label(first)} to {axis_label(last)}, "
        f"from {start} to {end}, lowest {low}, highest {high}."
    )


def _notes(drawn: list[_Drawn]) -> SafeString:
    """What the lines leave out, in words."""
    return format_html_join(
        "",
        '<p class="chart-note">{}: {} {}</p>',
        (
            (one.label, f"{count:,}", why)
            for one in drawn
            if not one.is_faint
            for count, why in (
                (one.curve.not_finite - one.not_positive, "NaN or infinite; the line breaks there."),
                (one.not_positive, "at or below 0, which a log axis cannot show."),
            )
            if count
        ),
    )
