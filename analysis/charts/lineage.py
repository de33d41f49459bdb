"""What came from what, drawn in columns from left to right."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

BOX_WIDTH, BOX_HEIGHT = 186, 34
GAP_X, GAP_Y, EDGE, HEAD = 48, 10, 4, 22
LONGEST, LAST = 23, 9
Places = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Node:
    """One box.

    Attributes:
        key: What edges name it by.
        label: Cut in the middle to 23 characters in the drawing; the tooltip has all of it.
        kind: Its class ``lineage-<kind>``; also what it is, for those who hear the drawing.
        url: Where it leads, empty for nowhere.
    """

    key: str
    label: str
    kind: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """A column: its title, its boxes, and how many more there are than drawn."""

    title: str
    nodes: Sequence[Node]
    hidden: int = 0


def lineage_chart(layers: Sequence[Layer], edges: Sequence[tuple[str, str]], *, title: str) -> SafeString:
    """One ``<svg>`` whose boxes are links; edges between boxes that are not drawn are left out.

    Args:
        layers: Left to right; those without boxes are left out.
        edges: Keys of two boxes, from and to.
        title: The accessible name.
    """
    drawn = [layer for layer in layers if layer.nodes]
    rows = max(len(layer.nodes) + bool(layer.hidden) for layer in drawn)
    height = HEAD + rows * (BOX_HEIGHT + GAP_Y) + EDGE
    width = len(drawn) * (BOX_WIDTH + GAP_X) - GAP_X + 2 * EDGE
    places: Places = {
        node.key: (EDGE + column * (BOX_WIDTH + GAP_X), _top(row, layer, rows))
        for column, layer in enumerate(drawn)
        for row, node in enumerate(layer.nodes)
    }
    columns = format_html_join(
        "", "{}", ((_column(at, layer, rows, places),) for at, layer in enumerate(drawn))
    )
    return format_html(
        '<svg class="lineage" viewBox="0 0 {} {}" width="{}" height="{}" role="group" '
        'aria-label="{}">{}{}</svg>',
        width,
        height,
        width,
        height,
        title,
        _edges(edges, places),
        columns,
    )


def _top(row: int, layer: Layer, rows: int) -> float:
    """Columns are centred against the longest."""
    missing = rows - len(layer.nodes) - bool(layer.hidden)
    return HEAD + (row + missing / 2) * (BOX_HEIGHT + GAP_Y)


def _edges(edges: Sequence[tuple[str, str]], places: Places) -> SafeString:
    known = [(places[start], places[end]) for start, end in edges if start in places and end in places]
    return format_html_join(
        "",
        '<path class="lineage-edge" d="M{} {}C{} {} {} {} {} {}"/>',
        (_curve(start, end) for start, end in known),
    )


def _curve(start: tuple[float, float], end: tuple[float, float]) -> tuple[float, ...]:
    left, right = start[0] + BOX_WIDTH, end[0]
    above, below = start[1] + BOX_HEIGHT / 2, end[1] + BOX_HEIGHT / 2
    middle = (left + right) / 2
    return left, above, middle, above, middle, below, right, below


def _column(at: int, layer: Layer, rows: int, places: Places) -> SafeString:
    left = EDGE + at * (BOX_WIDTH + GAP_X)
    boxes = format_html_join("", "{}", ((_box(node, *places[node.key]),) for node in layer.nodes))
    more = SafeString("")
    if layer.hidden:
        top = _top(len(layer.nodes), layer, rows)
        words = f"and {layer.hidden:,} more"
        more = format_html('<text class="lineage-more" x="{}" y="{}">{}</text>', left + 12, top + 21, words)
    return format_html(
        '<text class="lineage-title" x="{}" y="13">{}</text>{}{}', left, layer.title, boxes, more
    )


def _box(node: Node, left: float, top: float) -> SafeString:
    label = node.label
    if len(label) > LONGEST:
        label = f"{label[: LONGEST - LAST - 1]}…{label[-LAST:]}"
    shape = format_html(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="6"/><text x="{}" y="{}">{}</text>',
        left,
        top,
        BOX_WIDTH,
        BOX_HEIGHT,
        left + 12,
        top + 22,
        label,
    )
    name = f"{node.kind}: {node.label}"
    if not node.url:
        return format_html('<g class="lineage-{}"><title>{}</title>{}</g>', node.kind, name, shape)
    return format_html(
        '<a class="lineage-{}" href="{}"><title>{}</title>{}</a>',
        node.kind,
        node.url,
        name,
        shape,
    )
