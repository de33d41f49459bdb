"""Lines as a table of a few rows: for those who read numbers, or can't see a picture."""

from collections.abc import Sequence
from html import escape

import numpy as np
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from analysis.charts.axes import Frame
from analysis.charts.drawn import Drawn
from analysis.charts.scale import Scale
from analysis.stats.numbers import MISSING

Floats = NDArray[np.float64]
MOST_ROWS = 12


def value_table(lines: Sequence[Drawn], frame: Frame, *, x_label: str) -> SafeString:
    """A ``<table>``: the value of each line, at or before a dozen places.

    Args:
        lines: One or more with a finite value; faint ones are left out.
        frame: What they are drawn in.
        x_label: What the places are.
    """
    shown = [one for one in lines if not one.is_faint and np.isfinite(one.curve.values).any()]
    places = _places([one.curve.steps for one in shown])
    head = "".join(f'<th scope="col" class="num">{escape(one.label)}</th>' for one in shown)
    columns = [_cells(places, one, frame.y) for one in shown]
    rows = "".join(
        f'<tr><th scope="row">{frame.x.label(place)}</th>{"".join(cells)}</tr>'
        for place, *cells in zip(places.tolist(), *columns, strict=True)
    )
    # Written without format_html, which would escape hundreds of numbers of our own.
    return SafeString(
        f'<table><thead><tr><th scope="col">{escape(x_label)}</th>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def _places(all_steps: Sequence[Floats]) -> Floats:
    """Every place that occurs where those are few; else some of them, evenly spread."""
    places = np.unique(np.concatenate(all_steps))
    if places.size <= MOST_ROWS:
        return places
    wanted = np.linspace(places[0], places[-1], MOST_ROWS)
    return np.unique(places[np.searchsorted(places, wanted)])


def _cells(places: Floats, one: Drawn, scale: Scale) -> list[str]:
    """The last finite value at or before each place; a dash before the first and after the last."""
    seen = np.isfinite(one.curve.values)
    steps, values = one.curve.steps[seen], one.curve.values[seen]
    at = np.searchsorted(steps, places, side="right") - 1
    is_there = (at >= 0) & (places <= steps[-1])
    found = np.where(is_there, values[at], np.nan).tolist()
    return [
        f'<td class="num">{scale.reading(value) if there else MISSING}</td>'
        for value, there in zip(found, is_there.tolist(), strict=True)
    ]
