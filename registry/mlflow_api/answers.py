"""Rows as MLflow's JSON. Whole numbers go out as numbers, as MLflow's server sends them."""

import datetime as dt
import math
from typing import Any

import orjson
from django.http import HttpResponse

Json = dict[str, Any]


def answer(body: Json | bytes, *, status: int = 200) -> HttpResponse:
    """A JSON answer; bytes are JSON already."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return HttpResponse(content, status=status, content_type="application/json")


def number(value: float) -> float | str:
    """A number, with NaN and infinities as text, as protobuf's JSON has them."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def milliseconds(moment: dt.datetime | None) -> int | None:
    """Milliseconds since 1970, None for none."""
    return None if moment is None else round(moment.timestamp() * 1_000)


def without_none(fields: Json) -> Json:
    """The fields that have a value: protobuf leaves the others out."""
    return {key: value for key, value in fields.items() if value is not None}


def pairs(rows: Any) -> list[Json]:
    """Tags or params as ``[{"key": …, "value": …}]``."""
    return [{"key": key, "value": value} for key, value in rows]
