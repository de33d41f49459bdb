"""A confusion matrix as a heat-map table: readable without its colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.stats.numbers import human_number

SHADES = 6


@dataclass(frozen=True, slots=True)
class Matrix:
    """Counts by true class (rows) and predicted class (columns).

    Attributes:
        labels: Class names, ``n`` many.
        counts: Shape ``(n, n)``, none negative.

    Raises:
        ValueError: Where the shape is not ``(n, n)`` or a count is negative.
    """

    labels: Sequence[str]
    counts: Sequence[Sequence[float]]

    def __post_init__(self) -> None:
        size = len(self.labels)
        if len(self.counts) != size or any(len(row) != size for row in self.counts):
            raise ValueError(f"A confusion matrix of {size} classes needs {size} rows of {size}.")
        if any(not count >= 0 for row in self.counts for count in row):
            raise ValueError("A confusion matrix counts: no cell may be negative or NaN.")


def matrix_table(matrix: Matrix, *, caption: str) -> SafeString:
    """A ``<table>``; each cell is shaded by its share of its true class."""
    head = format_html_join("", '<th scope="col">{}</th>', ((label,) for label in matrix.labels))
    body = format_html_join(
        "",
        '<tr><th scope="row">{}</th>{}</tr>',
        (
            (label, _cells(row, place))
            for place, (label, row) in enumerate(zip(matrix.labels, matrix.counts, strict=True))
        ),
    )
    return format_html(
        '<table class="matrix"><caption>{} Rows: true class; columns: predicted.</caption>'
        "<thead><tr><td></td>{}</tr></thead><tbody>{}</tbody></table>",
        caption,
        head,
        body,
    )


def _cells(row: Sequence[float], diagonal: int) -> SafeString:
    total = sum(row) or 1
    return format_html_join(
        "",
        '<td class="h{}{}">{}</td>',
        (
            (ceil(count / total * SHADES), " right" if place == diagonal else "", human_number(count))
            for place, count in enumerate(row)
        ),
    )
