"""Writing and reading the values that models are served with."""

import datetime as dt
import functools
from collections.abc import Iterator, Mapping, Sequence

from django.db import InterfaceError, OperationalError

from features import keys
from features.entity_keys import all_checked, checked
from features.entity_keys import entity_keys as keys_of
from features.event_times import checked_event_at, milliseconds
from features.feature_columns import (
    Wanted,
    answer_of,
    answer_of_rows,
    chosen,
    oldest_ms,
    rows_of,
    status_at,
)
from features.feature_rows import (
    NOTHING,
    FeatureColumn,
    FeatureRow,
    OnlineFeatures,
    OnlineRow,
    Status,
    ViewAnswer,
)
from features.offline_values import checked_values
from features.online import feature_values
from features.online.whole import WHOLE
from features.packing import LARGEST, WrongValueError
from features.queries.offline_features import newest_offline_rows
from features.queries.view_schemas import view_schema
from features.view_schema import ViewSchema
from registry.counting import count
from registry.exceptions import BadInputError, StoreUnavailableError

__all__ = [
    "NOTHING", "FeatureColumn", "FeatureRow", "OnlineFeatures", "OnlineRow", "Status",
    "get_online_features", "read_online_features", "write_online_features",
]  # fmt: skip

GRACE_SECONDS = 7 * 24 * 3_600


def write_online_features(*, view: ViewSchema, rows: Sequence[OnlineRow]) -> int:
    """Write rows where none of a newer event time, or of the same and taken later, stands (one round trip).

    Returns:
        How many were newer than what stood, or as new.

    Raises:
        BadInputError: a row's key, time or value is not of its type; nothing was written.
        StoreUnavailableError: Redis is away or full; some may be written, so write all again.
    """
    packed = list(_packed(view, rows, dt.datetime.now(dt.UTC)))
    names = _names(view, [checked(row.entity_key) for row in rows])
    return feature_values.put((name, *each) for name, each in zip(names, packed, strict=True))


def read_online_features(
    *, view: ViewSchema, entity_keys: Sequence[str], features: Sequence[str] | None = None
) -> list[FeatureRow]:
    """The rows of these entities as Redis has them, in their order (one round trip).

    Raises:
        BadInputError: the view has no such feature, or a key is none.
        StoreUnavailableError: Redis does not answer.
    """
    places = None if features is None else view.places(features)
    names = _names(view, all_checked(entity_keys))
    rows = rows_of(view, feature_values.fetch(names, widest=view.codec.widest))
    return rows if places is None else chosen(rows, places)


def read_entity(*, views: Sequence[ViewSchema], entity_key: str) -> dict[str, FeatureRow]:
    """One entity's row of each view, whole, by the view's name (one round trip).

    Raises:
        BadInputError: the key is none.
        StoreUnavailableError: Redis does not answer.
    """
    names = [_names(view, [checked(entity_key)])[0] for view in views]
    blobs = feature_values.fetch(names, widest=LARGEST)
    return {view.name: rows_of(view, [blob])[0] for view, blob in zip(views, blobs, strict=True)}


def get_online_features(
    *,
    features: Sequence[str],
    entity_keys: Sequence[str] | None = None,
    entities: Mapping[str, Sequence[object]] | None = None,
) -> OnlineFeatures:
    """Features of several views for many entities (one round trip).

    Where Redis is away or was emptied, PostgreSQL's newest offline values stand in (one statement a view).

    Args:
        features: each ``view:feature``.
        entity_keys: which entities; the same keys for every view.
        entities: instead, the join keys' columns, for views of different entities.

    Raises:
        BadInputError: a feature is not ``view:feature``, a join key is missing, a key is none, or the rows
            have more than 64 MB together.
        NotFoundError: there is no such view.
        StoreUnavailableError: neither Redis nor PostgreSQL answers.
    """
    wanted = []
    for name, asked, references in _by_view(tuple(features)):
        view = view_schema(name)
        found = _keys(view, entity_keys, entities)
        count(f"features.{name}", len(found))
        wanted.append(Wanted(view, asked, view.places(asked), references, found))
    source, answers = _online_or_offline(wanted)
    return OnlineFeatures(source, features, answers)


@functools.lru_cache(maxsize=256)
def _by_view(features: tuple[str, ...]) -> list[tuple[str, list[str], list[str]]]:
    """Each view with its features and their references, each once."""
    views: dict[str, list[str]] = {}
    for reference in dict.fromkeys(features):
        name, colon, feature = reference.partition(":")
        if not (name and colon and feature):
            raise BadInputError(f"A feature is asked for as view:feature, not {reference!r:.100}.")
        views.setdefault(name, []).append(feature)
    return [(name, asked, [f"{name}:{each}" for each in asked]) for name, asked in views.items()]


def _keys(
    view: ViewSchema, entity_keys: Sequence[str] | None, entities: Mapping[str, Sequence[object]] | None
) -> list[str]:
    if entities is not None:
        return keys_of(view.join_keys, entities)
    if entity_keys is None:
        raise BadInputError("Say which entities: their keys, or the columns of their join keys.")
    return all_checked(entity_keys)


def _names(view: ViewSchema, entity_keys: Sequence[str]) -> list[str]:
    return keys.feature_rows(view.entity, view.name, view.version, entity_keys)


def _online_or_offline(wanted: Sequence[Wanted]) -> tuple[str, list[ViewAnswer]]:
    try:
        *blobs, marker = feature_values.fetch(
            [
                *(name for each in wanted for name in _names(each.view, each.entity_keys)),
                keys.features_whole(),
            ],
            widest=max((each.view.codec.widest for each in wanted), default=LARGEST),
        )
    except StoreUnavailableError as away:
        return "offline", list(_offline(wanted, away))
    if marker != WHOLE:
        return "offline", list(_offline(wanted, StoreUnavailableError("Redis was emptied.")))
    answers = []
    start = 0
    for each in wanted:
        end = start + len(each.entity_keys)
        answers.append(answer_of(each, blobs[start:end]))
        start = end
    return "online", answers


def _offline(wanted: Sequence[Wanted], away: StoreUnavailableError) -> Iterator[ViewAnswer]:
    try:
        for each in wanted:
            yield answer_of_rows(each, _newest(each.view, each.entity_keys))
    except (OperationalError, InterfaceError):
        problem = "Neither Redis nor PostgreSQL answers. Run `manage.py doctor` to see why."
        raise StoreUnavailableError(problem) from away


def _newest(view: ViewSchema, entity_keys: Sequence[str]) -> list[FeatureRow]:
    kept, oldest = newest_offline_rows(view, entity_keys), oldest_ms(view)
    rows = {
        key: FeatureRow(status_at(row.event_ms, oldest), row.values, row.event_ms, row.written_ms)
        for key, row in kept.items()
    }
    return [rows.get(key, NOTHING) for key in entity_keys]


def _packed(view: ViewSchema, rows: Sequence[OnlineRow], now: dt.datetime) -> Iterator[tuple[bytes, int]]:
    known, now_ms = frozenset(view.names), milliseconds(now)
    for row in rows:
        whose = f"{view.name} of {row.entity_key!r}"
        event_ms = milliseconds(checked_event_at(row.event_at, whose=whose, now=now))
        written_ms = now_ms if row.written_at is None else milliseconds(row.written_at)
        if not known.issuperset(row.values):
            checked_values(view, row.values, entity_key=row.entity_key)  # says which
        values = list(map(row.values.get, view.names))
        try:
            blob = view.codec.pack(values, event_ms=event_ms, written_ms=written_ms)
        except WrongValueError as error:
            raise BadInputError(f"{whose}: {error}.") from None
        yield blob, _end_ms(view, event_ms, now_ms)


def _end_ms(view: ViewSchema, event_ms: int, now: int) -> int:
    """When Redis may forget the row: the grace after it is too old, and after now."""
    if view.ttl_seconds is None:
        return feature_values.FOR_GOOD
    return max(event_ms + view.ttl_seconds * 1_000, now) + GRACE_SECONDS * 1_000
