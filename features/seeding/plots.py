"""The pictures of a run, as PNG bytes that are the same for the same numbers."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from features.seeding.datasets import Array
from features.seeding.results import Epoch

BLUE, VERMILION = "#0072B2", "#D55E00"  # told apart by every eye
FEW_POINTS = 20
SIZE_INCHES, DOTS_PER_INCH = (6.0, 4.0), 100


def learning_curve(epochs: Sequence[Epoch], *, title: str, epoch_is: str, loss: str) -> bytes:
    """Training and validation loss over the epochs."""
    figure, axes = new_figure(title)
    numbers = [epoch.number for epoch in epochs]
    for part, colour, marker in (("train", BLUE, "o"), ("val", VERMILION, "s")):
        values = [epoch.metrics[f"{part}_loss"] for epoch in epochs]
        axes.plot(numbers, values, color=colour, marker=marker, markersize=3, label=part)
    axes.set_xlabel(f"epoch ({epoch_is})")
    axes.set_ylabel(loss)
    axes.grid(alpha=0.3)
    axes.legend()
    return png(figure)


def confusion_matrix(counts: Sequence[Sequence[int]], *, labels: Sequence[str], title: str) -> bytes:
    """How many rows of each class (down) were taken for which class (across)."""
    figure, axes = new_figure(title)
    axes.imshow(counts, cmap="Blues")
    half = max(map(max, counts)) / 2
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            colour = "white" if count > half else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    return png(figure)


def line(x: Array, y: Array, *, title: str, axes: tuple[str, str]) -> bytes:
    """A share against another, beside the diagonal."""
    figure, drawn = new_figure(title)
    drawn.plot([0, 1], [0, 1], color=VERMILION, linewidth=1)
    drawn.plot(x, y, color=BLUE, marker="o" if len(x) < FEW_POINTS else "")
    drawn.set_xlabel(axes[0])
    drawn.set_ylabel(axes[1])
    drawn.grid(alpha=0.3)
    return png(figure)


def predicted_against_actual(actual: Array, predicted: Array, *, title: str) -> bytes:
    """A regression's answers against the truth; a perfect model lies on the line."""
    figure, axes = new_figure(title)
    axes.scatter(actual, predicted, s=14, color=BLUE, alpha=0.7)
    ends = [float(min(actual.min(), predicted.min())), float(max(actual.max(), predicted.max()))]
    axes.plot(ends, ends, color=VERMILION, linewidth=1)
    axes.set_xlabel("actual")
    axes.set_ylabel("predicted")
    axes.grid(alpha=0.3)
    return png(figure)


def new_figure(title: str) -> tuple[Figure, Any]:
    """A figure of the usual size with one pair of axes."""
    figure = Figure(figsize=SIZE_INCHES, dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    # Fixed margins: working them out (a "constrained" layout) takes longer than drawing.
    figure.subplots_adjust(left=0.18, right=0.96, bottom=0.14, top=0.92)
    axes = figure.add_subplot()
    axes.set_title(title, fontsize=10)
    return figure, axes


def png(figure: Figure) -> bytes:
    """The figure's bytes."""
    buffer = BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
