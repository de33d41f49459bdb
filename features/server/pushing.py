"""``POST /push`` and ``POST /write-to-online-store``: columns as pandas writes them, into rows."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from features.entity_keys import entity_keys
from features.event_times import checked_event_at
from features.feature_rows import OnlineRow
from features.queries.view_schemas import view_schema
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError, NotFoundError

from .errors import UnknownPushSourceError, UnknownViewError

TIME = "event_timestamp"
WAYS = ("online", "offline", "online_and_offline")
Columns = Mapping[str, list[Any]]


def push_request(body: dict[str, Any]) -> tuple[str, list[OnlineRow]]:
    """The view that a push source is, and its rows.

    Raises:
        BadInputError: the body is not what Feast's server takes.
        UnknownPushSourceError: no view has this name.
    """
    if body.get("to", WAYS[0]) not in WAYS:
        raise BadInputError(f"The field 'to' must be one of {', '.join(WAYS)}.")
    source = _text(body, "push_source_name")
    try:
        return source, _rows(view_schema(source), body.get("df"))
    except NotFoundError as error:
        raise UnknownPushSourceError(
            f"There is no push source {source!r:.100}: no view is so named."
        ) from error


def write_request(body: dict[str, Any]) -> tuple[str, list[OnlineRow]]:
    """The same for what the remote client writes by the view's name.

    Raises:
        BadInputError: the body is not what Feast's server takes.
        UnknownViewError: there is no such view.
    """
    view = _text(body, "feature_view_name")
    try:
        return view, _rows(view_schema(view), body.get("df"))
    except NotFoundError as error:
        raise UnknownViewError(str(error)) from error


def _rows(view: ViewSchema, df: Any) -> list[OnlineRow]:
    columns = _columns(df, [*view.join_keys, *view.names, TIME])
    now = datetime.now(UTC)
    times = [_time(each, now) for each in columns[TIME]]
    values = [_values(field.value_type, columns[field.name]) for field in view.fields]
    rows = zip(entity_keys(view.join_keys, columns), times, zip(*values, strict=True), strict=True)
    return [OnlineRow(key, at, dict(zip(view.names, row, strict=True))) for key, at, row in rows]


def _columns(df: Any, wanted: Sequence[str]) -> Columns:
    """The columns; those that the view does not have, such as ``created``, are left alone."""
    if not isinstance(df, dict):
        raise BadInputError("The field 'df' must be an object: column to a list of values.")
    if missing := [name for name in wanted if name not in df]:
        raise BadInputError(f"The column {missing[0]} is missing; this view needs {', '.join(wanted)}.")
    if not all(isinstance(df[name], list) for name in wanted):
        raise BadInputError("The field 'df' must have a list of values for each column.")
    if len({len(df[name]) for name in wanted}) > 1:
        raise BadInputError("The columns of 'df' have different lengths.")
    return df


def _values(value_type: str, values: list[Any]) -> list[Any]:
    """NaN is pandas' word for nothing; and a column of whole numbers with a gap is one of floats to it."""
    if value_type == "vector":
        return values
    found = [None if isinstance(value, float) and math.isnan(value) else value for value in values]
    if value_type == "int":
        return [int(value) if isinstance(value, float) and value.is_integer() else value for value in found]
    return found


def _time(value: Any, now: datetime) -> datetime:
    """A time in ISO 8601, in UTC where it names no zone, as Feast takes it."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadInputError(f"{TIME} takes times in ISO 8601, not {value!r:.50}.") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return checked_event_at(found, whose=TIME, now=now)


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise BadInputError(f"The field {name!r} must be text.")
    return value
