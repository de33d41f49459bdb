"""What a chart draws, as JSON beside its picture: for the script that lets people zoom and read it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import orjson
from django.utils.safestring import SafeString
from numpy.typing import NDArray

from analysis.charts.axes import Frame
from analysis.charts.drawn import Drawn
from analysis.charts.series import Area
from analysis.charts.shortening import shortened

Floats = NDArray[np.float64]
PARTS = 1_000  # of a second
MOST_WHOLE = 2.0**62
OPENING, CLOSING = '<script type="application/json">', "</script>"
FOR_HTML = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def chart_data(shown: Sequence[Drawn], areas: Sequence[Area], frame: Frame, *, x_label: str) -> SafeString:
    """A ``<script type="application/json">``: the same points and the same range as the picture has.

    Steps are whole numbers, each as its distance from the one before; times are so in thousandths of a
    second. A null in ``y`` breaks the line. Values have the digits that the axis can show.
    """
    parts = 1 if frame.x.kind == "step" else PARTS
    columns = [one.curve.values for one in shown] + [edge for one in areas for edge in (one.low, one.high)]
    values = shortened(columns, axis=frame.y)
    edges = values[len(shown) :]
    document = {
        "x": {"kind": frame.x.kind, "label": x_label, "parts": parts, "range": [frame.x.low, frame.x.high]},
        "y": {"log": frame.y.is_log, "range": [frame.y.low, frame.y.high]},
        "size": [frame.width, frame.height],
        "lines": [_line(one, parts) | {"y": y} for one, y in zip(shown, values, strict=False)],
        "areas": [
            _area(one, parts) | {"low": low, "high": high}
            for one, low, high in zip(areas, edges[::2], edges[1::2], strict=True)
        ],
    }
    text = orjson.dumps(document, option=orjson.OPT_SERIALIZE_NUMPY).decode().translate(FOR_HTML)
    # Nothing in it can end the element: no "<" is left.
    return SafeString(f"{OPENING}{text}{CLOSING}")


def points_in(figure: str) -> dict[str, Any]:
    """What :func:`chart_data` put into a figure, with plain steps and seconds; empty without."""
    if OPENING not in figure:
        return {}
    start = figure.index(OPENING) + len(OPENING)
    document: dict[str, Any] = orjson.loads(figure[start : figure.index(CLOSING, start)])
    parts = document["x"].pop("parts")
    for each in (*document["lines"], *document["areas"]):
        summed = np.cumsum(each["x"])
        each["x"] = summed.tolist() if parts == 1 else (summed / parts).tolist()
    return document


def _line(one: Drawn, parts: int) -> dict[str, Any]:
    return {
        "mark": one.mark,
        "label": one.label,
        "look": one.look,
        "faint": one.is_faint,
        "x": _distances(one.curve.steps, parts),
    }


def _area(one: Area, parts: int) -> dict[str, Any]:
    return {
        "mark": one.mark,
        "look": one.look,
        "x": _distances(one.steps, parts),
    }


def _distances(x: Floats, parts: int) -> NDArray[np.int64] | Floats:
    whole = np.rint(x * parts)
    # Steps may be any 64-bit number, and the float nearest to the last of them is none any more.
    distances = whole.astype(np.int64) if np.abs(whole).max() <= MOST_WHOLE else whole
    distances[1:] -= distances[:-1].copy()
    return distances
