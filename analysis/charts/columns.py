"""Stacked columns side by side: how many of each kind, hour by hour."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.charts.axes import grid_rows
from analysis.charts.legend import box_legend
from analysis.charts.scale import Scale
from analysis.charts.values_below import values_below

WIDTH, HEIGHT = 760, 320
TOP, BOTTOM, LEFT, RIGHT = 12, 26, 48, 8
GAP = 0.22  # of a column's place
COLOURS = 8  # of the charts
LEAST_HEIGHT = 1.5  # pixels: one event among thousands is seen


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        label: What stands below it; most have none, for want of room.
        name: What it is in full.
        counts: One for each kind, in the chart's order; none negative.
    """

    label: str
    name: str
    counts: Sequence[int]

    @property
    def total(self) -> int:
        """Its height."""
        return sum(self.counts)


def column_chart(columns: Sequence[Column], *, kinds: Sequence[str], title: str) -> SafeString:
    """A ``<figure>``: a legend, one ``<svg>``, and the counts as a table below; empty without columns.

    Args:
        columns: In order of time.
        kinds: What is counted; each has its colour by its place, the first lies at the bottom.
        title: The picture's accessible name, and of what stands below.
    """
    if not columns:
        return SafeString("")
    scale = Scale(0.0, max(1, *(each.total for each in columns)) * 1.04, HEIGHT - BOTTOM, TOP)
    return format_html(
        '<figure class="chart-box">{}<svg class="chart columns-chart" viewBox="0 0 {} {}" role="img">'
        "<title>{}</title><desc>{}</desc>"
        '{}{}<path class="chart-axis" d="M{} {}H{}"/>{}</svg>{}</figure>',
        _legend(columns, kinds),
        WIDTH,
        HEIGHT,
        title,
        _sentence(columns, kinds),
        grid_rows(_whole_ticks(scale), left=LEFT, right=WIDTH - RIGHT),
        _stacks(columns, kinds, scale),
        LEFT,
        HEIGHT - BOTTOM,
        WIDTH - RIGHT,
        _labels(columns),
        values_below(_table(columns, kinds), title=title),
    )


def _legend(columns: Sequence[Column], kinds: Sequence[str]) -> SafeString:
    """The kinds that there are any of."""
    return box_legend(
        (place % COLOURS, kind)
        for place, kind in enumerate(kinds)
        if any(each.counts[place] for each in columns)
    )


def _whole_ticks(scale: Scale) -> list[tuple[float, str]]:
    return [(at, label) for at, label in scale.ticks(4) if "." not in label or label.endswith(("k", "M"))]


def _stacks(columns: Sequence[Column], kinds: Sequence[str], scale: Scale) -> SafeString:
    """A path a kind, over each column a rectangle that says what it is."""
    paths = ["" for _ in kinds]
    width = (WIDTH - LEFT - RIGHT) / len(columns)
    pixels = (scale.start - scale.end) / scale.high
    for place, column in enumerate(columns):
        x, base = LEFT + (place + GAP / 2) * width, scale.start
        for kind, count in enumerate(column.counts):
            if count:
                height = max(count * pixels, LEAST_HEIGHT)
                base -= height
                paths[kind] += (
                    f"M{x:.1f} {base:.1f}h{width * (1 - GAP):.1f}v{height:.1f}h-{width * (1 - GAP):.1f}z"
                )
    drawn = format_html_join(
        "", '<path class="column c{}" d="{}"/>', ((n % COLOURS, p) for n, p in enumerate(paths))
    )
    over = format_html_join(
        "",
        '<rect class="column-reach" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
        (
            (f"{LEFT + n * width:.1f}", TOP, f"{width:.1f}", HEIGHT - TOP - BOTTOM, _said(each, kinds))
            for n, each in enumerate(columns)
        ),
    )
    return drawn + over


def _labels(columns: Sequence[Column]) -> SafeString:
    width = (WIDTH - LEFT - RIGHT) / len(columns)
    texts = format_html_join(
        "",
        '<text x="{}" y="{}">{}</text>',
        (
            (f"{LEFT + (place + 0.5) * width:.1f}", HEIGHT - 8, each.label)
            for place, each in enumerate(columns)
            if each.label
        ),
    )
    return format_html('<g class="chart-x">{}</g>', texts)


def _said(column: Column, kinds: Sequence[str]) -> str:
    parts = ", ".join(f"{kind} {n:,}" for kind, n in zip(kinds, column.counts, strict=True) if n)
    return f"{column.name}: {parts or 'nothing'}"


def _sentence(columns: Sequence[Column], kinds: Sequence[str]) -> str:
    most = max(columns, key=lambda each: each.total)
    return f"{columns[0].name} to {columns[-1].name}; the most at {_said(most, kinds)}."


def _table(columns: Sequence[Column], kinds: Sequence[str]) -> SafeString:
    head = format_html_join("", '<th scope="col" class="num">{}</th>', ((kind,) for kind in kinds))
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (each.name, format_html_join("", '<td class="num">{}</td>', ((f"{n:,}",) for n in each.counts)))
            for each in reversed(columns)
        ),
    )
    return format_html(
        '<table><thead><tr><th scope="col">When</th>{}</tr></thead><tbody>{}</tbody></table>', head, rows
    )
