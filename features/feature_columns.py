"""From packed rows to rows and columns."""

import time
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from features.feature_rows import NOTHING, FeatureRow, Status, ViewAnswer
from features.view_schema import ViewSchema

MANY = 16  # from so many rows on, NumPy reads them faster than struct


class Wanted(NamedTuple):
    """What is wanted of a view: features, their places and names with the view's, and entities."""

    view: ViewSchema
    features: Sequence[str]
    places: Sequence[int]
    references: Sequence[str]
    entity_keys: Sequence[str]


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


def answer_of(wanted: Wanted, blobs: Sequence[bytes | None]) -> ViewAnswer:
    """Packed rows as a list for each feature."""
    view = wanted.view
    whole = view.codec.unpack_columns(blobs) if len(blobs) >= MANY else None
    if whole is None:
        return answer_of_rows(wanted, rows_of(view, blobs))
    events, columns = whole
    oldest = oldest_ms(view)
    statuses = [Status.PRESENT] * len(events) if min(events) >= oldest else _statuses(events, oldest)
    values = [columns[place] for place in wanted.places]
    return ViewAnswer(view, wanted.references, wanted.features, values, statuses, events)  # type: ignore[arg-type] # no None


def answer_of_rows(wanted: Wanted, rows: Sequence[FeatureRow]) -> ViewAnswer:
    """Whole rows of a view as a list for each feature."""
    view = wanted.view
    nothing = (None,) * len(view.fields)
    whole = [nothing if row.values is None else row.values for row in rows]
    if len(whole) == 1:
        (only,) = whole
        values = [[only[place]] for place in wanted.places]
    else:
        values = [[row[place] for row in whole] for place in wanted.places]
    statuses, events = [row.status for row in rows], [row.event_ms for row in rows]
    has_nulls = any(None in row for row in whole)
    return ViewAnswer(
        view, wanted.references, wanted.features, values, statuses, events, rows if has_nulls else None
    )


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
