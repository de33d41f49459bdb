"""How many times faster, as bars on a logarithmic axis, with the targets as marks."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .results import CaseResult, times_better
from .servers import BEST, DEFAULT
from .targets import RATE, TARGETS

COLOURS = {DEFAULT: "#56b4e9", BEST: "#0072b2"}
INK, TARGET = "#333333", "#d55e00"
BAR = 0.38
TICKS = (1, 2, 5, 10, 20, 50, 100)


def draw(results: Sequence[CaseResult], path: Path) -> None:
    """Draw the ratios of rates, ours to each of MLflow's settings, into a PNG file."""
    shown = [each for each in results if any(times_better(each, name, RATE) for name in COLOURS)]
    longest = max((times_better(each, name, RATE) or 0 for each in shown for name in COLOURS), default=1)
    figure = Figure(figsize=(9, 1.6 + 0.34 * len(shown)), layout="constrained")
    axes = figure.add_subplot()
    for offset, (name, colour) in zip((-BAR / 2, BAR / 2), COLOURS.items(), strict=True):
        _bars(axes, shown, name, offset=offset, colour=colour)
    _marks(axes, shown)
    axes.set_xscale("log")
    axes.set_xticks(TICKS, [str(each) for each in TICKS], fontsize=8)
    axes.set_xticks([], minor=True)
    axes.set_xlim(0.5, max(2 * longest, 4))
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_yticks(range(len(shown)), [each.title for each in shown], fontsize=8)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlabel("times as many a second as mlflow server")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    figure.legend(loc="outside upper center", ncols=3, frameon=False, fontsize=8)
    figure.savefig(path, dpi=130)


def _bars(axes: Axes, shown: Sequence[CaseResult], name: str, *, offset: float, colour: str) -> None:
    ratios = [times_better(each, name, RATE) or 0.0 for each in shown]
    places = [number + offset for number in range(len(shown))]
    bars = axes.barh(places, ratios, height=BAR, color=colour, label=f"against {name}")
    labels = [f"{ratio:.1f}" if ratio else "" for ratio in ratios]
    axes.bar_label(bars, labels, padding=2, fontsize=7, color=INK)


def _marks(axes: Axes, shown: Sequence[CaseResult]) -> None:
    marks = [
        (target.factor, number + (-BAR / 2 if target.against == DEFAULT else BAR / 2))
        for number, each in enumerate(shown)
        for target in TARGETS
        if (target.case, target.way, target.clients) == (each.name, each.way, each.clients)
        and target.figure != "p95"
    ]
    if marks:
        axes.plot(
            *zip(*marks, strict=True), "|", color=TARGET, markersize=9, markeredgewidth=2, label="target"
        )
