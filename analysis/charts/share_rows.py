"""Bars of equal length, each divided in the same parts: what a part is among one thing and among another."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from analysis.charts.legend import box_legend
from analysis.stats.numbers import percent

LEAST_WRITTEN = 0.075  # a narrower part has no room for "12 %"


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One bar: its name, what it is divided, and the amount of each part, as numbers and as written."""

    name: str
    amounts: Sequence[float]
    written: Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """What the bars are divided into; ``look`` is a colour of the charts, 0 to 7."""

    title: str
    look: int


def share_rows(rows: Sequence[ShareRow], *, parts: Sequence[Part], title: str) -> SafeString:
    """A ``<figure>``: a legend, and a bar for each row whose sum is above zero.

    Places are percents, so that the words keep their size on any screen.

    Args:
        rows: Each with an amount, zero or more, for every part.
        parts: In the order in which they are drawn.
        title: The figure's accessible name.
    """
    shown = [row for row in rows if sum(row.amounts) > 0]
    if not shown:
        return SafeString("")
    drawn = format_html_join(
        "",
        '<div class="share-row"><span class="share-name">{}</span>'
        '<svg role="img" aria-label="{}">{}</svg></div>',
        ((row.name, _sentence(row, parts), _pieces(row, parts)) for row in shown),
    )
    legend = box_legend((part.look, part.title) for part in parts)
    return format_html(
        '<figure class="chart-box share-rows" aria-label="{}">{}{}</figure>', title, legend, drawn
    )


def _pieces(row: ShareRow, parts: Sequence[Part]) -> SafeString:
    total, at = sum(row.amounts), 0.0
    pieces = []
    for part, amount, written in zip(parts, row.amounts, row.written, strict=True):
        share = amount / total
        pieces.append(_piece(part, f"{part.title}: {written}", at, share))
        at += share
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _piece(part: Part, said: str, begin: float, share: float) -> SafeString:
    written = (
        format_html('<text x="{}%" y="52%">{}</text>', f"{(begin + share / 2) * 100:.2f}", percent(share))
        if share >= LEAST_WRITTEN
        else ""
    )
    return format_html(
        '<g class="c{}"><title>{} ({})</title><rect x="{}%" width="{}%" height="100%"/>{}</g>',
        part.look,
        said,
        percent(share),
        f"{begin * 100:.2f}",
        f"{share * 100:.2f}",
        written,
    )


def _sentence(row: ShareRow, parts: Sequence[Part]) -> str:
    said = ", ".join(f"{part.title} {each}" for part, each in zip(parts, row.written, strict=True))
    return f"{row.name}: {said}."
