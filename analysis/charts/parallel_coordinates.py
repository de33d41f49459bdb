"""Runs as lines across several axes: which params lead to which figures."""

from collections.abc import Sequence
from html import escape

from django.utils.html import format_html
from django.utils.safestring import SafeString

from analysis.charts.dimension import Dimension
from analysis.charts.series import look_classes
from analysis.charts.subject import Subject
from analysis.charts.subject_table import subject_table

APART, EDGE, TOP, BOTTOM, HEIGHT = 150, 75, 44, 24, 320
LEAST_WIDTH = 1_100
LONGEST, LONGEST_TICK = 22, 14
LEAST_AXES = 2


def parallel_coordinates(subjects: Sequence[Subject], axes: Sequence[Dimension], *, title: str) -> SafeString:
    """A ``<figure>``: one axis a dimension, one linked line a run, and a table of the same.

    A line breaks at an axis on which its run has no value. Every line has all its values as a title.

    Args:
        subjects: The runs.
        axes: Two or more, each with a value for each run, in their order; else the figure says why not.
    """
    if len(axes) < LEAST_AXES or not subjects:
        said = "These runs differ in too little: parallel coordinates need two params or metrics."
        return format_html(
            '<figure class="chart-box"><figcaption>{}</figcaption><p class="muted">{}</p></figure>',
            title,
            said,
        )
    apart = max(APART, (LEAST_WIDTH - 2 * EDGE) // (len(axes) - 1))
    width = 2 * EDGE + apart * (len(axes) - 1)
    across = [EDGE + apart * place for place in range(len(axes))]
    return format_html(
        '<figure class="chart-box"><figcaption>{}</figcaption>'
        '<div class="chart-scroll" tabindex="0" role="region" aria-label="{}">'
        '<svg class="chart parallel" viewBox="0 0 {} {}" role="group">'
        "<title>{}</title><desc>{}</desc>{}{}</svg></div>{}</figure>",
        title,
        title,
        width,
        HEIGHT,
        title,
        f"{len(subjects)} lines across {', '.join(axis.label for axis in axes)}.",
        _lines(subjects, axes, across),
        SafeString("".join(_axis(axis, at) for axis, at in zip(axes, across, strict=True))),
        subject_table(subjects, axes, title=title),
    )


def _lines(subjects: Sequence[Subject], axes: Sequence[Dimension], across: Sequence[int]) -> SafeString:
    heights = zip(*(axis.positions(HEIGHT - BOTTOM, TOP) for axis in axes), strict=True)
    return SafeString(
        "".join(
            _line(one, ", ".join(f"{axis.label} {axis.word(run)}" for axis in axes), _path(across, each))
            for run, (one, each) in enumerate(zip(subjects, heights, strict=True))
        )
    )


def _line(one: Subject, said: str, path: str) -> str:
    return (
        f'<a class="line {look_classes(one.look)}" href="{escape(one.href)}" data-mark="{escape(one.mark)}">'
        f"<title>{escape(f'{one.label}: {said}')}</title>"
        f'<path class="line-reach" d="{path}"/><path class="series" d="{path}"/></a>'
    )


def _path(across: Sequence[int], heights: Sequence[float | None]) -> str:
    """Straight from axis to axis; the pen is lifted where there is no value."""
    parts, pen = [], "M"
    for at, height in zip(across, heights, strict=True):
        if height is None:
            pen = "M"
            continue
        # "h0" draws a dot where a run has a value on this axis and on neither neighbour.
        parts.append(f"{pen}{at} {height:.1f}{'h0' if pen == 'M' else ''}")
        pen = "L"
    return "".join(parts)


def _axis(axis: Dimension, at: int) -> str:
    ticks = "".join(
        f'<path class="chart-axis" d="M{at} {height:.1f}h-4"/>'
        f'<text class="parallel-tick" x="{at - 7}" y="{height + 4:.1f}">'
        f"{escape(shortened(label, LONGEST_TICK))}</text>"
        for height, label in axis.ticks(HEIGHT - BOTTOM, TOP)
    )
    return (
        f'<g><path class="chart-axis" d="M{at} {TOP}V{HEIGHT - BOTTOM}"/>{ticks}'
        f'<text class="chart-title parallel-name" x="{at}" y="14"><title>{escape(axis.label)}</title>'
        f"{escape(shortened(axis.label, LONGEST))}</text>"
        f'<text class="parallel-kind" x="{at}" y="28">{" · ".join(axis.remarks)}</text></g>'
    )


def shortened(text: str, longest: int) -> str:
    """The end of a long text: of ``optimizer.learning_rate`` the last word tells most."""
    return text if len(text) <= longest else f"…{text[1 - longest :]}"
