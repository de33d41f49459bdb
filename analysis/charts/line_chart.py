"""Curves over steps or time, as inline SVG that themes, prints and needs no script."""

from collections.abc import Iterator, Sequence

import numpy as np
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.charts.axes import Frame, axes, frame_around
from analysis.charts.chart_data import chart_data
from analysis.charts.drawn import Drawn, drawn
from analysis.charts.path import UNIT, area_data, path_data
from analysis.charts.scale import Kind
from analysis.charts.series import Area, Series, look_classes
from analysis.charts.value_table import value_table
from analysis.charts.values_below import values_below

CANVAS = SafeString('<div class="chart-plot" aria-hidden="true"></div>')


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    areas: Sequence[Area] = (),
    x_label: str = "step",
    x_kind: Kind = "step",
    y_log: bool = False,
    width: int = 560,
    height: int = 250,
    is_lively: bool = False,
) -> SafeString:
    """A ``<figure>``: a caption, a legend of two lines and more, one ``<svg>``, and what could not be drawn.

    Args:
        series: The lines; a series without any finite value is named in the note only.
        title: The caption and the picture's accessible name.
        areas: Behind the lines; above zero where ``y_log``.
        x_label: What the x axis counts.
        x_kind: ``time`` reads x as seconds, ``clock`` as seconds since 1970.
        y_log: Decades on the y axis; values at or below zero are left out and counted.
        width: Of the drawing, in its own pixels; the page scales it.
        height: As ``width``.
        is_lively: With a table of some values, and with the drawn points as JSON for ``curves.js``.
    """
    lines = drawn(series, y_log=y_log)
    shown = [one for one in lines if np.isfinite(one.curve.values).any()]
    picture, more = format_html('<p class="muted">{}</p>', "No finite value to draw."), SafeString("")
    if shown:
        frame = _frame(shown, areas, size=(width, height), is_log=y_log, x_kind=x_kind)
        picture = _svg(shown, areas, frame, title=title, x_label=x_label)
        if is_lively:
            picture += CANVAS
            more = _lively(shown, areas, frame, title=title, x_label=x_label)
    return format_html(
        '<figure class="chart-box"><figcaption>{}</figcaption>{}{}{}{}</figure>',
        title,
        _legend(shown),
        picture,
        _notes(lines),
        more,
    )


def _frame(
    shown: list[Drawn], areas: Sequence[Area], *, size: tuple[int, int], is_log: bool, x_kind: Kind
) -> Frame:
    edges = [edge for area in areas for edge in (area.low, area.high)]
    return frame_around(
        np.concatenate([one.curve.steps for one in shown]),
        np.concatenate([*(one.curve.values for one in shown), *edges]),
        size=size,
        is_log=is_log,
        x_kind=x_kind,
    )


def _lively(
    shown: list[Drawn], areas: Sequence[Area], frame: Frame, *, title: str, x_label: str
) -> SafeString:
    table = values_below(value_table(shown, frame, x_label=x_label), title=title)
    return table + chart_data(shown, areas, frame, x_label=x_label)


def _svg(shown: list[Drawn], areas: Sequence[Area], frame: Frame, *, title: str, x_label: str) -> SafeString:
    behind = format_html_join(
        "",
        '<path class="area {}" d="{}"/>',
        ((look_classes(one.look), _outline(one, frame)) for one in areas),
    )
    # The faint lines first, so that none of them lies on a smoothed one.
    paths = format_html_join(
        "",
        '<path class="series {}" vector-effect="non-scaling-stroke" d="{}"/>',
        ((one.classes, _path(one, frame)) for one in sorted(shown, key=lambda one: not one.is_faint)),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img"><title>{}</title><desc>{}</desc>'
        '{}<g transform="scale({})">{}{}</g></svg>',
        frame.width,
        frame.height,
        title,
        " ".join(_sentence(one, frame, x_label) for one in shown if not one.is_faint),
        axes(frame, x_label=x_label),
        1 / UNIT,
        behind,
        paths,
    )


def _path(one: Drawn, frame: Frame) -> SafeString:
    # Digits, signs and letters of ours alone: escaping thousands of points takes longer than drawing them.
    return SafeString(path_data(frame.x.pixels(one.curve.steps), frame.y.pixels(one.curve.values)))


def _outline(area: Area, frame: Frame) -> str:
    return area_data(frame.x.pixels(area.steps), frame.y.pixels(area.low), frame.y.pixels(area.high))


def _legend(shown: list[Drawn]) -> SafeString:
    named = [one for one in shown if not one.is_faint]
    if len(named) <= 1:
        return SafeString("")
    rows = format_html_join(
        "",
        '<li data-mark="{}"><svg viewBox="0 0 28 10" aria-hidden="true">'
        '<path class="series {}" d="M1 5h26"/></svg><span>{}</span></li>',
        ((one.mark, one.classes, one.label) for one in named),
    )
    return format_html('<ul class="legend">{}</ul>', rows)


def _sentence(one: Drawn, frame: Frame, x_label: str) -> str:
    """The line in words: where it starts and ends, and between what it moves."""
    first, *_, last = one.curve.steps.tolist() * 2
    seen = one.curve.values[np.isfinite(one.curve.values)]
    start, end, low, high = (
        frame.y.reading(float(value)) for value in (seen[0], seen[-1], seen.min(), seen.max())
    )
    return (
        f"{one.label}: {x_label} {frame.x.label(first)} to {frame.x.label(last)}, "
        f"from {start} to {end}, lowest {low}, highest {high}."
    )


def _notes(lines: list[Drawn]) -> SafeString:
    """What the lines leave out, in words."""
    return format_html_join(
        "",
        '<p class="chart-note">{}: {}</p>',
        ((one.label, note) for one in lines if not one.is_faint for note in _left_out(one)),
    )


def _left_out(one: Drawn) -> Iterator[str]:
    if not_finite := one.curve.not_finite - one.not_positive:
        yield f"{not_finite:,} NaN or infinite; the line breaks there."
    if one.not_positive:
        yield f"{one.not_positive:,} at or below 0, which a log axis cannot show."
    yield from one.notes
