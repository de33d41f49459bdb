"""One entity's features as they are served, beside the offline history."""

import datetime as dt
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from features.packing import is_same
from features.queries.feature_history import feature_history
from features.queries.offline_features import OfflineRow
from features.services.online_features import NOTHING, FeatureRow, Status, read_entity
from features.view_schema import ViewSchema
from registry.exceptions import StoreUnavailableError

STATES = {
    Status.PRESENT: "present",
    Status.NULL_VALUE: "present",
    Status.NOT_FOUND: "missing",
    Status.OUTSIDE_MAX_AGE: "stale",
}
MOST_POINTS = 50


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """One feature: what is served, what the history says of the same time, and how they differ.

    ``history`` has its numbers, the oldest first; empty for other types.
    """

    name: str
    value_type: str
    online: Any
    offline: Any
    is_same: bool
    difference: float | None
    history: list[float]


@dataclass(frozen=True, slots=True)
class ViewLookup:
    """One view's values for an entity.

    Attributes:
        state: ``present``, ``stale``, ``missing``, or ``down`` where Redis does not answer.
        ttl_left_seconds: None where the view's values hold until they are replaced.
        offline_at: event time of the offline values beside the online ones; None where there are none.
        waiting_at: event time of a newer offline row that is not online yet.
        differing: how many features differ.
    """

    view: ViewSchema
    state: str
    lines: list[FeatureLine]
    event_at: dt.datetime | None
    written_at: dt.datetime | None
    age_seconds: float | None
    ttl_left_seconds: float | None
    offline_at: dt.datetime | None
    waiting_at: dt.datetime | None
    differing: int


def look_up(views: Sequence[ViewSchema], entity_key: str) -> list[ViewLookup]:
    """The views of one entity (one statement, one round trip to Redis; which may be away)."""
    history = feature_history(views, entity_key, limit=MOST_POINTS)
    try:
        rows: dict[str, FeatureRow] | None = read_entity(views=views, entity_key=entity_key)
    except StoreUnavailableError:
        rows = None
    return [_lookup(view, None if rows is None else rows[view.name], history[view.name]) for view in views]


def _lookup(view: ViewSchema, row: FeatureRow | None, history: list[OfflineRow]) -> ViewLookup:
    online = row or NOTHING
    # Beside a value that is served stands what was true at its time, not what came later.
    beside = next(
        (each for each in history if online.event_ms is None or each.event_ms <= online.event_ms), None
    )
    newest = history[0] if history else None
    is_waiting = newest is not None and row is not None and (row.event_ms or -math.inf) < newest.event_ms
    age = None if online.event_ms is None else time.time() - online.event_ms / 1_000
    lines = _lines(view, online, beside, history)
    return ViewLookup(
        view=view,
        state="down" if row is None else STATES[row.status],
        lines=lines,
        event_at=_moment(online.event_ms),
        written_at=_moment(online.written_ms),
        age_seconds=age,
        ttl_left_seconds=None if age is None or view.ttl_seconds is None else view.ttl_seconds - age,
        offline_at=_moment(beside.event_ms) if beside else None,
        waiting_at=_moment(newest.event_ms) if newest and is_waiting else None,
        differing=sum(not line.is_same for line in lines),
    )


def _lines(
    view: ViewSchema, online: FeatureRow, beside: OfflineRow | None, history: list[OfflineRow]
) -> list[FeatureLine]:
    lines = []
    for place, field in enumerate(view.fields):
        served = online.values[place] if online.values else None
        recorded = beside.values[place] if beside else None
        is_compared = online.values is not None and beside is not None
        lines.append(
            FeatureLine(
                name=field.name,
                value_type=field.value_type,
                online=served,
                offline=recorded,
                is_same=not is_compared or is_same(served, recorded),
                difference=_difference(served, recorded) if is_compared else None,
                history=_numbers(row.values[place] for row in reversed(history)),
            )
        )
    return lines


def _difference(one: Any, other: Any) -> float | None:
    if _is_number(one) and _is_number(other):
        return float(one - other)
    return None


def _numbers(values: Any) -> list[float]:
    found = list(values)
    return [float(value) for value in found if value is not None] if _are_numbers(found) else []


def _are_numbers(values: Sequence[Any]) -> bool:
    return all(value is None or _is_number(value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _moment(ms: int | None) -> dt.datetime | None:
    return None if ms is None else dt.datetime.fromtimestamp(ms / 1_000, dt.UTC)
