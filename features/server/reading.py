"""``POST /get-online-features``: what is asked, and the answer in columns."""

import functools
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest

from features.queries.view_schemas import view_schema
from features.services.online_features import FeatureColumn, OnlineFeatures, Status
from registry.api.errors import RequestTooLargeError
from registry.exceptions import BadInputError

from .bodies import read_body, truth
from .errors import NameCollisionError

MOST_ENTITIES = 10_000
MOST_VALUES = 500_000
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class FeatureRequest:
    """Features as ``view:feature``; the join keys' columns, all of one length."""

    features: list[str]
    entities: dict[str, list[object]]
    has_full_names: bool
    has_versions: bool

    @property
    def entity_count(self) -> int:
        """How many entities are asked for."""
        return len(next(iter(self.entities.values())))


def read_request(request: HttpRequest) -> FeatureRequest:
    """What is asked for.

    Raises:
        BadInputError: the body is not what Feast's client sends.
        NotFoundError: there is no such feature service.
        RequestTooLargeError: more entities or values than one answer holds.
    """
    body = read_body(request)
    asked = FeatureRequest(
        _features(body),
        _entities(body.get("entities")),
        truth(body, "full_feature_names"),
        truth(body, "include_feature_view_version_metadata"),
    )
    if asked.entity_count > MOST_ENTITIES or asked.entity_count * len(asked.features) > MOST_VALUES:
        raise RequestTooLargeError(
            f"One request takes {MOST_ENTITIES:,} entities and {MOST_VALUES:,} values. Send several."
        )
    return asked


def answer(asked: FeatureRequest, found: OnlineFeatures) -> bytes:
    """Feast's JSON: the join keys that were needed, then the features as they were asked for."""
    columns = list(found.columns.values())
    join_keys = dict.fromkeys(key for column in columns for key in column.view.join_keys)
    names = _names(asked, columns)
    metadata: dict[str, Any] = {"feature_names": [*join_keys, *names]}
    if asked.has_versions:
        views = {column.view.name: column.view.version for column in columns}
        metadata["feature_view_metadata"] = [
            {"name": name, "version": version} for name, version in views.items()
        ]
    keys = [_key_column(asked.entities[key]) for key in join_keys]
    return orjson.dumps({"results": [*keys, *map(_column, columns)], "metadata": metadata})


def _features(body: dict[str, Any]) -> list[str]:
    service, features = body.get("feature_service"), body.get("features") or []
    if service:
        if not isinstance(service, str):
            raise BadInputError("The field 'feature_service' must be text.")
        return [f"{service}:{name}" for name in view_schema(service).names]
    if not isinstance(features, list) or not all(isinstance(each, str) for each in features):
        raise BadInputError("The field 'features' must be a list of texts, each view:feature.")
    if not features:
        raise BadInputError("No features are asked for: send 'features', or 'feature_service'.")
    return features


def _entities(columns: Any) -> dict[str, list[object]]:
    if not isinstance(columns, dict) or not all(isinstance(each, list) for each in columns.values()):
        raise BadInputError("The field 'entities' must be an object: join key to a list of values.")
    lengths = {len(each) for each in columns.values()}
    if len(lengths) != 1 or 0 in lengths:
        raise BadInputError(
            "The field 'entities' must have join keys with equally many values, at least one."
        )
    return columns


def _names(asked: FeatureRequest, columns: list[FeatureColumn]) -> list[str]:
    if asked.has_full_names:
        names = [f"{column.view.name}__{column.feature}" for column in columns]
    else:
        names = [column.feature for column in columns]
    if len({*names}) < len(asked.features):
        twice = next((name for name in names if names.count(name) > 1), asked.features[0])
        raise NameCollisionError(f"Two features are named {twice}. Ask each once, with full_feature_names.")
    return names


def _key_column(values: list[object]) -> dict[str, list[Any]]:
    count = len(values)
    return {"values": values, "statuses": ["PRESENT"] * count, "event_timestamps": [EPOCH] * count}


def _column(column: FeatureColumn) -> dict[str, list[Any]]:
    value_type = column.view.fields[column.view.names.index(column.feature)].value_type
    values, statuses = column.values, column.statuses
    if Status.OUTSIDE_MAX_AGE in statuses:
        pairs = zip(values, statuses, strict=True)
        values = [None if status is Status.OUTSIDE_MAX_AGE else value for value, status in pairs]
    if value_type == "float":
        values = _told(values)
    elif value_type == "vector":
        # Feast's client can't tell the type of an empty list, and gives up on the whole answer.
        statuses = [
            Status.NULL_VALUE if value == [] else status
            for value, status in zip(values, statuses, strict=True)
        ]
        values = [_told(value) if value else None for value in values]
    times = [_time(event_ms) for event_ms in column.event_ms]
    return {"values": values, "statuses": statuses, "event_timestamps": times}


def _told(values: list[Any]) -> list[Any]:
    """NaN and infinity as text, as Feast writes them: JSON has no such numbers."""
    if all(value is None or math.isfinite(value) for value in values):
        return values
    return [value if value is None or math.isfinite(value) else _word(value) for value in values]


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


@functools.lru_cache(maxsize=4_096)
def _time(event_ms: int | None) -> str:
    if event_ms is None:
        return EPOCH
    seconds, milliseconds = divmod(event_ms, 1_000)
    text = f"{datetime.fromtimestamp(seconds, tz=UTC):%Y-%m-%dT%H:%M:%S}"
    return f"{text}.{milliseconds:03d}Z" if milliseconds else f"{text}Z"
