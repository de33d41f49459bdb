"""``POST /get-online-features``: Feast's answer, in columns."""

import functools
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from features.feature_rows import FeatureColumn, OnlineFeatures, Status

from .errors import NameCollisionError
from .reading import FeatureRequest

EPOCH = "1970-01-01T00:00:00Z"
Part = list[Any] | orjson.Fragment
Written = dict[int, orjson.Fragment]


def answer(asked: FeatureRequest, found: OnlineFeatures) -> bytes:
    """Feast's JSON: the join keys that were needed, then the features as they were asked for.

    Raises:
        NameCollisionError: two features would have one name.
    """
    columns = list(found.columns.values())
    join_keys = dict.fromkeys(key for column in columns for key in column.view.join_keys)
    metadata: dict[str, Any] = {"feature_names": [*join_keys, *_names(asked, columns)]}
    if asked.has_versions:
        views = {column.view.name: column.view.version for column in columns}
        metadata["feature_view_metadata"] = [
            {"name": name, "version": version} for name, version in views.items()
        ]
    written: Written = {}
    results = [_key_column(asked.entities[key]) for key in join_keys]
    results += [_column(column, written) for column in columns]
    return orjson.dumps({"results": results, "metadata": metadata})


def _names(asked: FeatureRequest, columns: list[FeatureColumn]) -> list[str]:
    if asked.has_full_names:
        names = [f"{column.view.name}__{column.feature}" for column in columns]
    else:
        names = [column.feature for column in columns]
    if len({*names}) < len(asked.features):
        twice = next((name for name in names if names.count(name) > 1), asked.features[0])
        raise NameCollisionError(f"Two features are named {twice}. Ask each once, with full_feature_names.")
    return names


def _key_column(values: list[object]) -> dict[str, Part]:
    count = len(values)
    return {"values": values, "statuses": ["PRESENT"] * count, "event_timestamps": [EPOCH] * count}


def _column(column: FeatureColumn, written: Written) -> dict[str, Part]:
    values: list[Any] = column.values
    # The columns of a view share their lists, which live as long as the columns: each is written once.
    statuses: Part = _written(column.statuses, list, written)
    if Status.OUTSIDE_MAX_AGE in column.statuses:
        pairs = zip(values, column.statuses, strict=True)
        values = [None if status is Status.OUTSIDE_MAX_AGE else value for value, status in pairs]
    kind = type(next((value for value in values if value is not None), None))
    if kind is float:
        values = _told(values)
    elif kind is list:
        # Feast's client can't tell the type of an empty list, and gives up on the whole answer.
        pairs = zip(values, column.statuses, strict=True)
        statuses = [Status.NULL_VALUE if value == [] else status for value, status in pairs]
        values = [_told(value) if value else None for value in values]
    return {
        "values": values,
        "statuses": statuses,
        "event_timestamps": _written(column.event_ms, _stamps, written),
    }


def _written(shared: list[Any], told: Callable[[list[Any]], list[Any]], written: Written) -> orjson.Fragment:
    part = written.get(id(shared))
    if part is None:
        part = written[id(shared)] = orjson.Fragment(orjson.dumps(told(shared)))
    return part


def _told(values: list[Any]) -> list[Any]:
    """NaN and infinity as text, as Feast writes them: JSON has no such numbers."""
    try:
        if math.isfinite(sum(values)):
            return values
    except TypeError:
        pass  # a null among them
    return [value if value is None or math.isfinite(value) else _word(value) for value in values]


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _stamps(event_ms: list[int | None]) -> list[str]:
    return [_time(each) for each in event_ms]


@functools.lru_cache(maxsize=4_096)
def _time(event_ms: int | None) -> str:
    if event_ms is None:
        return EPOCH
    seconds, milliseconds = divmod(event_ms, 1_000)
    text = f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}"
    return f"{text}.{milliseconds:03d}Z" if milliseconds else f"{text}Z"
