"""A level's figures as a picture: how many times slower than the winner, and latencies on a log axis."""

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from .recorded import StoreBenchmark
from .works import CLIENTS, LEVEL_TITLES, MONGODB, POSTGRESQL, REDIS, STORES, TITLES, WORKS

COLOURS = {POSTGRESQL: "#0072b2", MONGODB: "#009e73", REDIS: "#d55e00"}
MARKS = {POSTGRESQL: "o", MONGODB: "s", REDIS: "D"}
BAR, LEAST = 0.26, 0.8


def draw(benchmark: StoreBenchmark, level: str, path: Path) -> None:
    """Draw one level into a PNG file: a row of panels a number of clients, a line a work."""
    works = [
        work for work in WORKS if any((each.work, each.level) == (work, level) for each in benchmark.winners)
    ]
    clients = [each for each in CLIENTS if any(won.clients == each for won in benchmark.winners)]
    figure = Figure(figsize=(11, 1.1 + len(clients) * (0.9 + 0.55 * len(works))), layout="constrained")
    panels = figure.subplots(len(clients), 2, squeeze=False, sharey=True, sharex="col")
    for (ratios, latencies), number in zip(panels, clients, strict=True):
        _ratios(ratios, benchmark, level, works, number)
        _latencies(latencies, benchmark, level, works, number)
    highest = max(
        ratio for each in benchmark.winners if each.level == level for ratio in each.ratios.values()
    )
    panels[-1][0].set_xlim(LEAST, highest * 1.6)  # room for the last number
    panels[-1][0].set_xlabel("times fewer items a second than the winner (1)")
    panels[-1][1].set_xlabel("ms of an operation: p50 (mark), p95 (thick), p99 (thin)")
    handles, labels = panels[0][1].get_legend_handles_labels()
    known = dict(zip(labels, handles, strict=True))
    figure.suptitle(LEVEL_TITLES[level], fontsize=11)
    figure.legend(
        known.values(), known.keys(), loc="outside lower center", ncols=3, frameon=False, fontsize=9
    )
    figure.savefig(path, dpi=110, facecolor="white")


def _ratios(axes: Axes, benchmark: StoreBenchmark, level: str, works: list[str], clients: int) -> None:
    for place, work in enumerate(works):
        won = benchmark.winner(work, level, clients)
        for offset, store in enumerate(STORES):
            ratio = won.ratios.get(store) if won else None
            if ratio:
                height = place + (offset - 1) * BAR
                axes.barh(height, ratio, BAR * 0.9, color=COLOURS[store])
                axes.annotate(f" {ratio:.1f}", (ratio, height), va="center", fontsize=7)
    _dressed(axes, works, clients)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter(NullFormatter())


def _latencies(axes: Axes, benchmark: StoreBenchmark, level: str, works: list[str], clients: int) -> None:
    for place, work in enumerate(works):
        for offset, store in enumerate(STORES):
            found = benchmark.figure(work, level, store, clients)
            if found is None:
                continue
            height, colour = place + (offset - 1) * BAR, COLOURS[store]
            axes.plot([found.p50_ms, found.p99_ms], [height] * 2, color=colour, linewidth=1)
            axes.plot([found.p50_ms, found.p95_ms], [height] * 2, color=colour, linewidth=3, alpha=0.6)
            axes.plot([found.p50_ms], [height], MARKS[store], color=colour, markersize=5, label=TITLES[store])
    _dressed(axes, works, clients)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")


def _dressed(axes: Axes, works: list[str], clients: int) -> None:
    axes.set_yticks(range(len(works)), [WORKS[work].title for work in works], fontsize=8)
    axes.set_ylim(len(works) - 0.5, -0.5)
    axes.set_title("one client" if clients == 1 else f"{clients} clients", fontsize=9, loc="left")
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
