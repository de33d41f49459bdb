"""Writing and reading the values that models are served with."""

import datetime as dt
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import InterfaceError, OperationalError

from features import keys
from features.entity_keys import checked
from features.entity_keys import entity_keys as keys_of
from features.offline_values import checked_values
from features.online import feature_values
from features.packing import WrongValueError
from features.queries.offline_features import newest_offline_rows
from features.queries.view_schemas import view_schema
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError, StoreUnavailableError

GRACE_SECONDS = 7 * 24 * 3_600
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MILLISECOND = dt.timedelta(milliseconds=1)


class Status(StrEnum):
    """What is known of a value, in Feast's words."""

    PRESENT = "PRESENT"
    NULL_VALUE = "NULL_VALUE"
    NOT_FOUND = "NOT_FOUND"
    OUTSIDE_MAX_AGE = "OUTSIDE_MAX_AGE"


@dataclass(frozen=True, slots=True)
class OnlineRow:
    """Values to write; a feature that is left out is null."""

    entity_key: str
    event_at: dt.datetime
    values: Mapping[str, Any]


class FeatureRow(NamedTuple):
    """One entity of one view. A null among the ``values`` is a value that is NULL_VALUE.

    ``values`` are in the order of the features that were asked for; None where NOT_FOUND. A row that
    is OUTSIDE_MAX_AGE has its values, for who wants them. Times in ms since 1970.
    """

    status: Status
    values: tuple[Any, ...] | None
    event_ms: int | None
    written_ms: int | None


class FeatureColumn(NamedTuple):
    """One feature of all entities that were asked for, in their order; None where there is no value."""

    view: ViewSchema
    feature: str
    values: list[Any]
    statuses: list[Status]
    event_ms: list[int | None]


@dataclass(frozen=True, slots=True)
class OnlineFeatures:
    """Columns by ``view:feature``; ``source`` is ``online``, or ``offline`` where Redis is away."""

    source: str
    columns: dict[str, FeatureColumn]

    def to_dict(self) -> dict[str, list[Any]]:
        """The values alone, by ``view:feature``."""
        return {name: column.values for name, column in self.columns.items()}


NOTHING = FeatureRow(Status.NOT_FOUND, None, None, None)


def write_online_features(*, view: ViewSchema, rows: Sequence[OnlineRow]) -> int:
    """Write rows where none of a newer event time stands (one round trip).

    Returns:
        How many were newer than what stood, or as new.

    Raises:
        BadInputError: a row's key, time or value is not of its type; nothing was written.
        StoreUnavailableError: Redis is away or full; some may be written, so write all again.
    """
    now = time.time_ns() // 1_000_000
    packed = list(_packed(view, rows, now))
    names = _names(view, [checked(row.entity_key) for row in rows])
    return feature_values.put((name, *each) for name, each in zip(names, packed, strict=True))


def read_online_features(
    *, view: ViewSchema, entity_keys: Sequence[str], features: Sequence[str] | None = None
) -> list[FeatureRow]:
    """The rows of these entities, in their order (one round trip).

    Raises:
        BadInputError: the view has no such feature, or a key is none.
        StoreUnavailableError: Redis does not answer.
    """
    places = view.positions(None if features is None else tuple(features))
    rows = _rows(view, feature_values.fetch(_names(view, [checked(key) for key in entity_keys])))
    return rows if places is None else [_chosen(row, places) for row in rows]


def read_entity(*, views: Sequence[ViewSchema], entity_key: str) -> dict[str, FeatureRow]:
    """One entity's row of each view, whole, by the view's name (one round trip).

    Raises:
        BadInputError: the key is none.
        StoreUnavailableError: Redis does not answer.
    """
    blobs = feature_values.fetch([_names(view, [checked(entity_key)])[0] for view in views])
    return {view.name: _rows(view, [blob])[0] for view, blob in zip(views, blobs, strict=True)}


def get_online_features(
    *,
    features: Sequence[str],
    entity_keys: Sequence[str] | None = None,
    entities: Mapping[str, Sequence[object]] | None = None,
) -> OnlineFeatures:
    """Features of several views for many entities (one round trip).

    Where Redis is away, PostgreSQL's newest offline values stand in (one statement a view).

    Args:
        features: each ``view:feature``.
        entity_keys: which entities; the same keys for every view.
        entities: instead, the join keys' columns, for views of different entities.

    Raises:
        BadInputError: a feature is not ``view:feature``, a join key is missing, or a key is none.
        NotFoundError: there is no such view.
        StoreUnavailableError: neither Redis nor PostgreSQL answers.
    """
    views = _views(features)
    wanted = {name: _keys(view, entity_keys, entities) for name, view in views.items()}
    source, rows = _online_or_offline(list(views.values()), wanted)
    columns = {}
    for reference in features:
        view, feature = views[reference.partition(":")[0]], reference.partition(":")[2]
        columns[reference] = _column(view, feature, rows[view.name])
    return OnlineFeatures(source, columns)


def _names(view: ViewSchema, entity_keys: Sequence[str]) -> list[str]:
    return keys.feature_rows(view.entity, view.name, view.version, entity_keys)


def _views(features: Sequence[str]) -> dict[str, ViewSchema]:
    views: dict[str, ViewSchema] = {}
    for reference in features:
        name, colon, feature = reference.partition(":")
        if not (name and colon and feature):
            raise BadInputError(f"A feature is asked for as view:feature, not {reference!r:.100}.")
        views[name] = views.get(name) or view_schema(name)
        views[name].positions((feature,))
    return views


def _keys(
    view: ViewSchema, entity_keys: Sequence[str] | None, entities: Mapping[str, Sequence[object]] | None
) -> list[str]:
    if entities is not None:
        return keys_of(view.join_keys, entities)
    if entity_keys is None:
        raise BadInputError("Say which entities: their keys, or the columns of their join keys.")
    return [checked(key) for key in entity_keys]


def _online_or_offline(
    views: Sequence[ViewSchema], wanted: Mapping[str, list[str]]
) -> tuple[str, dict[str, list[FeatureRow]]]:
    try:
        blobs = feature_values.fetch([name for view in views for name in _names(view, wanted[view.name])])
    except StoreUnavailableError as away:
        return "offline", _offline(views, wanted, away)
    rows, start = {}, 0
    for view in views:
        end = start + len(wanted[view.name])
        rows[view.name] = _rows(view, blobs[start:end])
        start = end
    return "online", rows


def _offline(
    views: Sequence[ViewSchema], wanted: Mapping[str, list[str]], away: StoreUnavailableError
) -> dict[str, list[FeatureRow]]:
    rows = {}
    try:
        for view in views:
            found = newest_offline_rows(view, wanted[view.name])
            now = _oldest_ms(view)
            rows[view.name] = [
                NOTHING if (row := found.get(key)) is None
                else FeatureRow(_status(row.event_ms, now), row.values, row.event_ms, row.written_ms)
                for key in wanted[view.name]
            ]  # fmt: skip
    except (OperationalError, InterfaceError):
        raise StoreUnavailableError(
            "Neither Redis nor PostgreSQL answers. Run `manage.py doctor` to see why."
        ) from away
    return rows


def _rows(view: ViewSchema, blobs: Sequence[bytes | None]) -> list[FeatureRow]:
    unpack, oldest = view.codec.unpack, _oldest_ms(view)
    rows = []
    for blob in blobs:
        found = None if blob is None else unpack(blob)
        rows.append(
            NOTHING if found is None
            else FeatureRow(_status(found[0], oldest), found[2], found[0], found[1])
        )  # fmt: skip
    return rows


def _oldest_ms(view: ViewSchema) -> float:
    """The event time below which a value is too old now."""
    return float("-inf") if view.ttl_seconds is None else time.time() * 1_000 - view.ttl_seconds * 1_000


def _status(event_ms: int, oldest_ms: float) -> Status:
    return Status.PRESENT if event_ms >= oldest_ms else Status.OUTSIDE_MAX_AGE


def _chosen(row: FeatureRow, places: tuple[int, ...]) -> FeatureRow:
    values = row.values
    return row if values is None else row._replace(values=tuple(values[place] for place in places))


def _column(view: ViewSchema, feature: str, rows: Sequence[FeatureRow]) -> FeatureColumn:
    (place,) = view.positions((feature,)) or (0,)
    values = [None if row.values is None else row.values[place] for row in rows]
    statuses = [
        Status.NULL_VALUE if value is None and row.values is not None else row.status
        for row, value in zip(rows, values, strict=True)
    ]
    return FeatureColumn(view, feature, values, statuses, [row.event_ms for row in rows])


def _packed(view: ViewSchema, rows: Sequence[OnlineRow], now: int) -> Iterator[tuple[bytes, int]]:
    for row in rows:
        if row.event_at.tzinfo is None:
            raise BadInputError(f"{view.name} of {row.entity_key!r}: the event time has no time zone.")
        event_ms = (row.event_at - EPOCH) // MILLISECOND
        values = checked_values(view, row.values, entity_key=row.entity_key)
        try:
            blob = view.codec.pack(list(values.values()), event_ms=event_ms, written_ms=now)
        except WrongValueError as error:
            raise BadInputError(f"{view.name} of {row.entity_key!r}: {error}.") from None
        yield blob, _end_ms(view, event_ms, now)


def _end_ms(view: ViewSchema, event_ms: int, now: int) -> int:
    """When Redis may forget the row: the grace after it is too old, and after now."""
    if view.ttl_seconds is None:
        return feature_values.FOR_GOOD
    return max(event_ms + view.ttl_seconds * 1_000, now) + GRACE_SECONDS * 1_000
