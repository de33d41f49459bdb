"""From packed rows to rows and columns."""

import time
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from features.feature_rows import NOTHING, FeatureColumn, FeatureRow, Status
from features.view_schema import ViewSchema

MANY = 8  # from so many rows on, NumPy reads them faster than struct


def rows_of(view: ViewSchema, blobs: Sequence[bytes | None]) -> list[FeatureRow]:
    """Packed rows, unpacked; one of another definition is as good as none."""
    unpack, oldest = view.codec.unpack, oldest_ms(view)
    rows = []
    for blob in blobs:
        found = None if blob is None else unpack(blob)
        if found is None:
            rows.append(NOTHING)
        else:
            event_ms, written_ms, values = found
            rows.append(FeatureRow(status_at(event_ms, oldest), values, event_ms, written_ms))
    return rows


def columns_of(
    view: ViewSchema, features: Sequence[str], places: Sequence[int], blobs: Sequence[bytes | None]
) -> list[FeatureColumn]:
    """Packed rows as a column for each of these features, which stand at these places."""
    whole = view.codec.unpack_columns(blobs) if len(blobs) >= MANY else None
    if whole is None:
        return columns_of_rows(view, features, places, rows_of(view, blobs))
    events, columns = whole
    oldest = oldest_ms(view)
    statuses = [Status.PRESENT] * len(events) if min(events) >= oldest else _statuses(events, oldest)
    return [
        FeatureColumn(view, feature, columns[place], statuses, events)  # type: ignore[arg-type] # no None
        for feature, place in zip(features, places, strict=True)
    ]


def columns_of_rows(
    view: ViewSchema, features: Sequence[str], places: Sequence[int], rows: Sequence[FeatureRow]
) -> list[FeatureColumn]:
    """Whole rows of a view as a column for each of these features."""
    nothing = (None,) * len(view.fields)
    values = [nothing if row.values is None else row.values for row in rows]
    statuses, events = [row.status for row in rows], [row.event_ms for row in rows]
    columns = [
        FeatureColumn(view, feature, [row[place] for row in values], statuses, events)
        for feature, place in zip(features, places, strict=True)
    ]
    if any(None in row for row in values):
        return [column._replace(statuses=_with_nulls(column.values, rows)) for column in columns]
    return columns


def chosen(rows: Sequence[FeatureRow], places: Sequence[int]) -> list[FeatureRow]:
    """Rows with only the values at these places."""
    if len(places) == 1:
        (place,) = places
        return [row if row.values is None else row._replace(values=(row.values[place],)) for row in rows]
    choose = itemgetter(*places)
    return [row if row.values is None else row._replace(values=choose(row.values)) for row in rows]


def oldest_ms(view: ViewSchema) -> float:
    """The event time below which a value is too old now; minus infinity where none is."""
    return float("-inf") if view.ttl_seconds is None else (time.time() - view.ttl_seconds) * 1_000


def status_at(event_ms: int, oldest: float) -> Status:
    """Present, or too old."""
    return Status.PRESENT if event_ms >= oldest else Status.OUTSIDE_MAX_AGE


def _statuses(events: Sequence[int], oldest: float) -> list[Status]:
    return [status_at(event_ms, oldest) for event_ms in events]


def _with_nulls(values: Sequence[Any], rows: Sequence[FeatureRow]) -> list[Status]:
    return [
        Status.NULL_VALUE if value is None and row.values is not None else row.status
        for value, row in zip(values, rows, strict=True)
    ]
