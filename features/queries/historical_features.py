"""Training sets: features as they were known at each row's time."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import pandas as pd
from django.db import connection

from features.entity_keys import entity_keys
from features.offline_values import from_json
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError

from .view_schemas import view_schema

EVENT_TIMESTAMP = "event_timestamp"
DTYPES = {"float": "float64", "int": "Int64", "bool": "boolean", "string": "string", "vector": "object"}

# For each asked row one look into the index of (view, entity, event time), from its end.
JOIN = """
SELECT asked.place - 1, row.values::text
FROM unnest(%(keys)s::text[], %(times)s::timestamptz[]) WITH ORDINALITY AS asked (entity_key, at, place)
CROSS JOIN LATERAL (
    SELECT values FROM features_featurevalue f
    WHERE f.view_id = (SELECT id FROM features_featureview WHERE name = %(view)s AND version = %(version)s)
        AND f.entity_key = asked.entity_key AND f.event_at <= asked.at
        AND (%(ttl)s IS NULL OR f.event_at >= asked.at - make_interval(secs => %(ttl)s))
    ORDER BY f.event_at DESC LIMIT 1
) row
"""


def get_historical_features(
    *, entities: pd.DataFrame, features: Sequence[str], versions: Mapping[str, int] | None = None
) -> pd.DataFrame:
    """Join features to rows, each as of its own time (one statement a view, whatever the rows).

    A row gets the last value at or before its time that is not older than the view's TTL then, and a
    missing value where there is none. Values that came to be known later, and other versions, stay out.

    Args:
        entities: a column for every join key and ``event_timestamp`` (UTC where it has no zone); all
            other columns are kept, as are the order and the index.
        features: each ``view:feature``; the column is called so, too.
        versions: of the views; by default the active one.

    Returns:
        The rows with a column for each feature: float64, Int64, boolean, string, or lists of floats.

    Raises:
        BadInputError: a column is missing, a time is none, a feature is not ``view:feature`` or unknown.
        NotFoundError: there is no such view or version.
    """
    views = _views(features, versions or {})
    times = _times(entities)
    found = entities.copy()
    columns: dict[str, pd.Series[Any]] = {}
    for view, names in views.values():
        keys = entity_keys(view.join_keys, {name: list(entities[name]) for name in _present(view, entities)})
        columns |= _joined(view, names, keys, times, entities.index)
    for reference in features:
        found[reference] = columns[reference]
    return found


def _views(features: Sequence[str], versions: Mapping[str, int]) -> dict[str, tuple[ViewSchema, list[str]]]:
    views: dict[str, tuple[ViewSchema, list[str]]] = {}
    for reference in features:
        name, colon, feature = reference.partition(":")
        if not (name and colon and feature):
            raise BadInputError(f"A feature is asked for as view:feature, not {reference!r:.100}.")
        if name not in views:
            views[name] = (view_schema(name, version=versions.get(name)), [])
        views[name][0].places((feature,))
        views[name][1].append(feature)
    return views


def _present(view: ViewSchema, entities: pd.DataFrame) -> list[str]:
    return [name for name in view.join_keys if name in entities.columns]


def _times(entities: pd.DataFrame) -> list[Any]:
    if EVENT_TIMESTAMP not in entities.columns:
        raise BadInputError(f"The rows need the column {EVENT_TIMESTAMP}.")
    try:
        times = pd.to_datetime(entities[EVENT_TIMESTAMP], utc=True)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"{EVENT_TIMESTAMP} has something that is no time: {error}") from None
    if times.isna().any():
        raise BadInputError(f"{EVENT_TIMESTAMP} is missing in {int(times.isna().sum())} rows.")
    return list(times.dt.floor("us").dt.to_pydatetime())


def _joined(
    view: ViewSchema, names: Sequence[str], keys: Sequence[str], times: Sequence[Any], index: "pd.Index[Any]"
) -> dict[str, "pd.Series[Any]"]:
    rows: list[tuple[Any, ...] | None] = [None] * len(keys)
    parameters: dict[str, Any] = {
        "keys": list(keys),
        "times": list(times),
        "view": view.name,
        "version": view.version,
        "ttl": view.ttl_seconds,
    }
    with connection.cursor() as cursor:
        cursor.execute(JOIN, parameters)
        for place, values in cursor.fetchall():
            rows[place] = from_json(view, orjson.loads(values))
    return {f"{view.name}:{name}": _column(view, name, rows, index) for name in names}


def _column(
    view: ViewSchema, name: str, rows: Sequence[tuple[Any, ...] | None], index: "pd.Index[Any]"
) -> "pd.Series[Any]":
    place = view.names.index(name)
    values = [None if row is None else row[place] for row in rows]
    return pd.Series(values, index=index, dtype=DTYPES[view.fields[place].value_type])
