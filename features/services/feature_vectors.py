"""The features of entities as a model reads them: one vector an entity, with its version and age."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import InterfaceError, OperationalError

from features import keys
from features.entity_keys import entity_keys as keys_of
from features.online.deployments import LiveDeployment
from features.online.serving_reads import deployment_and_rows
from features.online.whole import WHOLE
from features.packing import values_digest
from features.queries.offline_features import newest_offline_rows
from features.queries.view_schemas import view_schema
from features.services.online_features import Status
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError, StoreUnavailableError

BADNESS = {Status.PRESENT: 0, Status.NULL_VALUE: 1, Status.OUTSIDE_MAX_AGE: 2, Status.NOT_FOUND: 3}
Kept = tuple[int, str, Sequence[Any]]  # event time (ms since 1970), the values' digest, values


@dataclass(frozen=True, slots=True)
class Vector:
    """One entity's features for a model.

    Attributes:
        statuses: of the views, in the order of the vectors' ``views``.
        version: changes whenever a value, its event time, its view or its being too old does, and with
            nothing else: what is written again as it was has the version that it had.
    """

    entity_key: str
    statuses: tuple[Status, ...]
    version: str
    kept: tuple[Kept | None, ...]
    places: tuple[tuple[int, int], ...]

    @property
    def values(self) -> tuple[Any, ...]:
        """In the order of the model's features; made when they are read: a kept answer needs none.

        None where there is none, or only one too old: the rows that a model is trained on have none there,
        either.
        """
        rows = [
            row[2] if row is not None and status is Status.PRESENT else None
            for row, status in zip(self.kept, self.statuses, strict=True)
        ]
        return tuple(None if (row := rows[number]) is None else row[place] for number, place in self.places)

    @property
    def event_ms(self) -> tuple[int | None, ...]:
        """Of each view; None where nothing is known."""
        return tuple(None if row is None else row[0] for row in self.kept)

    @property
    def status(self) -> Status:
        """That of the worst view."""
        return max(self.statuses, key=BADNESS.__getitem__)

    @property
    def is_known(self) -> bool:
        """Whether any view knows the entity."""
        return any(status is not Status.NOT_FOUND for status in self.statuses)

    @property
    def oldest_ms(self) -> int | None:
        """The event time of the oldest values."""
        return min((each for each in self.event_ms if each is not None), default=None)


@dataclass(frozen=True)
class Vectors:
    """Vectors in the order of the entities; ``source`` is ``offline`` where Redis was away."""

    source: str
    views: tuple[ViewSchema, ...]
    rows: list[Vector]


@dataclass(frozen=True)
class Reading:
    """What is to be read: for each view the entities' keys, and where the model's features stand."""

    views: tuple[ViewSchema, ...]
    places: tuple[tuple[int, int], ...]
    keys: tuple[list[str], ...]

    @property
    def labels(self) -> list[str]:
        """One key an entity; of views of different entities, all of them."""
        distinct = dict.fromkeys(view.join_keys for view in self.views)
        columns = [self.keys[[view.join_keys for view in self.views].index(each)] for each in distinct]
        return columns[0] if len(columns) == 1 else ["|".join(row) for row in zip(*columns, strict=True)]


def reading_of(features: Sequence[str], entities: Mapping[str, Sequence[object]]) -> Reading:
    """What the features of these entities need, by the views as they are now.

    Args:
        features: each ``view:feature``.
        entities: join key → column.

    Raises:
        BadInputError: a join key is missing, unknown or no key, or a view lacks a feature.
        NotFoundError: there is no such view.
        StoreUnavailableError: PostgreSQL is away, and nothing is known of a view.
    """
    views = {name: view_schema(name) for name in dict.fromkeys(each.partition(":")[0] for each in features)}
    wanted = {name for view in views.values() for name in view.join_keys}
    if unknown := sorted(entities.keys() - wanted):
        raise BadInputError(f"{unknown[0][:100]!r} is no join key; there are {', '.join(sorted(wanted))}.")
    order = tuple(views.values())
    places = _places(tuple(features), tuple((view.name, view.fields) for view in order))
    return Reading(order, places, tuple(keys_of(view.join_keys, entities) for view in order))


def read_vectors(
    reading: Reading, *, place: tuple[str, str] | None = None
) -> tuple[Vectors, LiveDeployment | None]:
    """The vectors, and what is live in a place (one round trip).

    Where Redis is away or was emptied, PostgreSQL's newest values stand in (one statement a view); where it
    is away, nothing is told of the deployment.

    Raises:
        StoreUnavailableError: neither Redis nor PostgreSQL answers.
    """
    names = [
        name
        for view, wanted in zip(reading.views, reading.keys, strict=True)
        for name in keys.feature_rows(view.entity, view.name, view.version, wanted)
    ]
    try:
        live, (*blobs, marker) = deployment_and_rows(place, [*names, keys.features_whole()])
    except StoreUnavailableError as away:
        return _vectors_offline(reading, away), None
    if marker != WHOLE:
        emptied = StoreUnavailableError("Redis was emptied.")
        return _vectors_offline(reading, emptied), live
    count = len(reading.keys[0])
    rows = [
        [None if blob is None else _unpacked(view, blob) for blob in blobs[start : start + count]]
        for view, start in zip(reading.views, range(0, len(blobs), count), strict=True)
    ]
    return Vectors("online", reading.views, _vectors(reading, rows)), live


@lru_cache(maxsize=256)
def _places(features: tuple[str, ...], views: tuple[tuple[str, Any], ...]) -> tuple[tuple[int, int], ...]:
    """For each feature the number of its view, and its place there."""
    found = {
        f"{view}:{field.name}": (number, place)
        for number, (view, fields) in enumerate(views)
        for place, field in enumerate(fields)
    }
    absent = [each for each in features if each not in found]
    if absent:
        raise BadInputError(f"There is no feature {absent[0]!r:.200}; the version of the model names it.")
    return tuple(found[each] for each in features)


def _unpacked(view: ViewSchema, blob: bytes) -> Kept | None:
    row = view.codec.unpack(blob)
    return None if row is None else (row[0], values_digest(blob), row[2])


def _vectors_offline(reading: Reading, away: StoreUnavailableError) -> Vectors:
    return Vectors("offline", reading.views, _vectors(reading, _offline(reading, away)))


def _offline(reading: Reading, away: StoreUnavailableError) -> list[list[Kept | None]]:
    rows: list[list[Kept | None]] = []
    try:
        for view, wanted in zip(reading.views, reading.keys, strict=True):
            found = newest_offline_rows(view, wanted)
            kept = {
                key: (row.event_ms, view.codec.digest_of(row.values), row.values)
                for key, row in found.items()
            }
            rows.append([kept.get(key) for key in wanted])
    except (OperationalError, InterfaceError):
        raise StoreUnavailableError(
            "Neither Redis nor PostgreSQL answers. Run `manage.py doctor` to see why."
        ) from away
    return rows


def _vectors(reading: Reading, rows: Sequence[Sequence[Kept | None]]) -> list[Vector]:
    now = time.time() * 1_000
    oldest = [
        float("-inf") if view.ttl_seconds is None else now - view.ttl_seconds * 1_000
        for view in reading.views
    ]
    return [
        _vector(label, reading, kept, oldest)
        for label, kept in zip(reading.labels, zip(*rows, strict=True), strict=True)
    ]


def _vector(label: str, reading: Reading, rows: tuple[Kept | None, ...], oldest: Sequence[float]) -> Vector:
    statuses, versions = [], []
    for view, row, least in zip(reading.views, rows, oldest, strict=True):
        if row is None:
            statuses.append(Status.NOT_FOUND)
            versions.append(f"{view.version}-")
        elif row[0] < least:
            statuses.append(Status.OUTSIDE_MAX_AGE)
            versions.append(f"{view.version}-old")
        else:
            statuses.append(Status.PRESENT)
            versions.append(f"{view.version}-{row[0]}-{row[1]}")
    return Vector(label, tuple(statuses), ".".join(versions), rows, reading.places)
