"""Runs as points: any figure or param against any other."""

from collections.abc import Sequence
from html import escape

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.charts.axes import grid_rows
from analysis.charts.dimension import Dimension
from analysis.charts.parallel_coordinates import shortened
from analysis.charts.series import LOOKS
from analysis.charts.subject import Subject
from analysis.charts.subject_table import subject_table

WIDTH, HEIGHT, TOP, BOTTOM, RIGHT, LETTER = 720, 360, 14, 44, 18, 7
LONGEST = 16
SHAPES = (
    "M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0Z",
    "M-4.5-4.5H4.5V4.5H-4.5Z",
    "M0-6L5.5 4H-5.5Z",
    "M0-6.5L5.5 0L0 6.5L-5.5 0Z",
    "M0 6L5.5-4H-5.5Z",
    "M-2-6H2V-2H6V2H2V6H-2V2H-6V-2H-2Z",
    "M-3-5.5H3L6 0L3 5.5H-3L-6 0Z",
    "M-5-2.5L-2.5-5L0-2.5L2.5-5L5-2.5L2.5 0L5 2.5L2.5 5L0 2.5L-2.5 5L-5 2.5L-2.5 0Z",
)
"""One a look: circle, square, triangle, diamond, triangle upside down, plus, hexagon, cross."""


def scatter(subjects: Sequence[Subject], x: Dimension, y: Dimension, *, title: str) -> SafeString:
    """A ``<figure>``: one linked point a run, told apart by colour and shape, and a table of the same.

    Numbers that span much lie on a log axis; texts have a place each, with their runs side by side. Runs that
    lack one of the two are named below.
    """
    ticks = y.ticks(HEIGHT - BOTTOM, TOP)
    left = 16 + LETTER * max((min(len(label), LONGEST) for _, label in ticks), default=0)
    places = list(zip(x.spread(left + 8, WIDTH - RIGHT), y.spread(HEIGHT - BOTTOM, TOP), strict=True))
    drawn = [(place, at) for place, at in enumerate(places) if None not in at]
    if not drawn:
        picture = format_html('<p class="muted">{}</p>', f"No run has both {x.label} and {y.label}.")
    else:
        picture = format_html(
            '<div class="chart-scroll" tabindex="0" role="region" aria-label="{}">'
            '<svg class="chart scatter" viewBox="0 0 {} {}" role="group">'
            "<title>{}</title><desc>{}</desc>{}{}</svg></div>",
            title,
            WIDTH,
            HEIGHT,
            title,
            f"{len(drawn)} runs; across {_name(x)}, up {_name(y)}.",
            _frame(x, y, left),
            _points(subjects, x, y, drawn),
        )
    absent = [one.label for one, at in zip(subjects, places, strict=True) if None in at]
    return format_html(
        '<figure class="chart-box"><figcaption>{}</figcaption>{}{}{}</figure>',
        title,
        picture,
        format_html(
            '<p class="chart-absent">Not drawn, for lack of one of the two: {}.</p>', ", ".join(absent)
        )
        if absent and drawn
        else "",
        subject_table(subjects, [x, y], title=title),
    )


def _points(
    subjects: Sequence[Subject],
    x: Dimension,
    y: Dimension,
    drawn: Sequence[tuple[int, tuple[float | None, float | None]]],
) -> SafeString:
    points = (
        (subjects[run], f"{x.label} {x.word(run)}, {y.label} {y.word(run)}", f"{across:.1f} {up:.1f}")
        for run, (across, up) in drawn
    )
    return SafeString(
        "".join(
            f'<a class="point c{one.look % LOOKS}" href="{escape(one.href)}" data-mark="{escape(one.mark)}">'
            f"<title>{escape(f'{one.label}: {said}')}</title>"
            f'<path transform="translate({at})" d="{SHAPES[one.look % LOOKS]}"/></a>'
            for one, said, at in points
        )
    )


def _frame(x: Dimension, y: Dimension, left: int) -> SafeString:
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    rows = ((at, shortened(label, LONGEST)) for at, label in y.ticks(bottom, TOP))
    marks = x.ticks(left + 8, right)
    room = max(3, (right - left) // (LETTER * max(len(marks), 1)))
    columns = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        ((f"{at:.1f}", bottom + 15, shortened(label, room)) for at, label in marks),
    )
    return format_html(
        '{}<path class="chart-axis" d="M{} {}V{}H{}"/><g class="chart-x">{}</g>'
        '<text class="chart-unit" x="{}" y="{}">{} →</text><text class="chart-up" x="4" y="{}">↑ {}</text>',
        grid_rows(rows, left=left, right=right),
        left,
        TOP,
        bottom,
        right,
        columns,
        right,
        HEIGHT - 8,
        _name(x),
        HEIGHT - 8,
        _name(y),
    )


def _name(axis: Dimension) -> str:
    return f"{axis.label} ({', '.join(axis.remarks)})" if axis.remarks else axis.label
