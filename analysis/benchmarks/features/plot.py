"""Milliseconds of a read by the number of entities, both axes logarithmic, a panel a width."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .results import BARE, COMBINED, FEAST, HASH, OURS, READ, SOCKET, Row, found_of
from .workload import SIZES, WIDTHS, Case

STYLES = {
    FEAST: ("#d55e00", "s"),
    HASH: ("#e69f00", "v"),
    COMBINED: ("#cc79a7", "^"),
    BARE: ("#999999", "x"),
    OURS: ("#0072b2", "o"),
    SOCKET: ("#333333", "."),
}


def draw(rows: Sequence[Row], path: Path) -> None:
    """Draw the medians of the reads into a PNG file."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    panels = figure.subplots(1, len(WIDTHS), sharey=True)
    for axes, width in zip(panels, WIDTHS, strict=True):
        _panel(axes, rows, width)
    panels[0].set_ylabel("milliseconds, median")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    figure.savefig(path, dpi=130)


def _panel(axes: Axes, rows: Sequence[Row], width: int) -> None:
    for contender, (colour, marker) in STYLES.items():
        points = [
            (size, figures[contender].p50)
            for size in SIZES
            if contender in (figures := found_of(rows, READ, Case(size, width).title))
        ]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, markersize=5, label=contender)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(f"{width} features", fontsize=9)
    axes.set_xlabel("entities")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
