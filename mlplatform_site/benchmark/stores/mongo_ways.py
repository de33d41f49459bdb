"""pymongo, on a connection with the platform's settings but past its breaker."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from pymongo.collection import Collection
from pymongo.write_concern import WriteConcern

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.works import (
    BATCH_READ,
    BATCH_WRITE,
    BATCH_WRITE_LAX,
    BATCHED,
    CACHED_PAGE,
    COMPLEX_QUERY,
    DRIVER,
    FEATURE_VECTORS,
    KEY_VALUE_READ,
    MONGODB,
    SIMPLE_READ,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)
from registry.documents.connection import Body, database

from .view import PACKED, unpacked
from .way import (
    TABLE_FEATURES,
    TABLE_PACKED,
    TABLE_PAGES,
    TABLE_RECORDS,
    TABLE_VALUES,
    TABLE_WRITTEN,
    Operation,
    Way,
)

NAME = "pymongo"
DURABLE = "in the journal of a majority: w majority, j true"
LAX = "lost within 0.1 s of a crash: w 1, j false"
DURABLE_CONCERN: dict[str, Any] = {"w": "majority", "j": True}
LAX_CONCERN: dict[str, Any] = {"w": 1, "j": False}


def ways() -> Iterator[Way]:
    """All of them."""
    cases: list[tuple[str, str, Callable[[], Operation]]] = [
        (KEY_VALUE_READ, DRIVER, _value),
        (KEY_VALUE_READ, BATCHED, _values),
        (SIMPLE_READ, DRIVER, _record),
        (BATCH_READ, BATCHED, _records),
        (COMPLEX_QUERY, DRIVER, _groups),
        (CACHED_PAGE, DRIVER, _page),
        (FEATURE_VECTORS, DRIVER, _vectors),
        (FEATURE_VECTORS, BATCHED, _vectors),
    ]
    for work, level, open_ in cases:
        yield Way(work, level, MONGODB, NAME, open_)
    for level in (DRIVER, BATCHED):
        yield Way(FEATURE_VECTORS, level, MONGODB, f"{NAME}, {PACKED}", _packed)
    for one, many, concern, promise in (
        (SIMPLE_WRITE, BATCH_WRITE, DURABLE_CONCERN, DURABLE),
        (SIMPLE_WRITE_LAX, BATCH_WRITE_LAX, LAX_CONCERN, LAX),
    ):
        yield Way(one, DRIVER, MONGODB, NAME, functools.partial(_insert, concern), promise)
        yield Way(many, BATCHED, MONGODB, "insert_many", functools.partial(_insert_many, concern), promise)


def stored(record: data.Record) -> Body:
    """A record as a document."""
    return {"_id": record["record_id"], **{name: record[name] for name in data.FIELDS}}


def pipeline(loss: float) -> list[Body]:
    """The complex query."""
    return [
        {"$match": {"status": "FINISHED", "loss": {"$lt": loss}}},
        {
            "$group": {
                "_id": "$framework",
                "count": {"$sum": 1},
                "mean": {"$avg": "$accuracy"},
                "best": {"$max": "$accuracy"},
            }
        },
        {"$sort": {"_id": 1}},
    ]


def rows(found: Any) -> list[tuple[str, int, float, float]]:
    """Its answer."""
    return [(each["_id"], each["count"], each["mean"], each["best"]) for each in found]


def _at(name: str) -> Collection[Body]:
    return database()[name]


def _written(concern: Mapping[str, Any]) -> Collection[Body]:
    return _at(TABLE_WRITTEN).with_options(write_concern=WriteConcern(**concern))


def _loaded(document: Any) -> data.Record:
    document["record_id"] = document.pop("_id")
    found: data.Record = document
    return found


def _value() -> Operation:
    find = _at(TABLE_VALUES).find_one
    return lambda key: find({"_id": key})["value"]  # type: ignore[index] # it is there


def _values() -> Operation:
    find = _at(TABLE_VALUES).find

    def values(asked: Sequence[str]) -> list[str]:
        found = {
            each["_id"]: each["value"] for each in find({"_id": {"$in": asked}}, batch_size=len(asked) + 1)
        }
        return [found[each] for each in asked]

    return values


def _record() -> Operation:
    find = _at(TABLE_RECORDS).find_one
    return lambda key: _loaded(find({"_id": key}))


def _records() -> Operation:
    find = _at(TABLE_RECORDS).find

    def records(asked: Sequence[str]) -> list[data.Record]:
        found = {each["_id"]: each for each in find({"_id": {"$in": asked}}, batch_size=len(asked) + 1)}
        return [_loaded(found[each]) for each in asked]

    return records


def _groups() -> Operation:
    aggregate = _at(TABLE_RECORDS).aggregate
    return lambda loss: rows(aggregate(pipeline(loss)))


def _page() -> Operation:
    find = _at(TABLE_PAGES).find_one
    return lambda number: find({"_id": number})["html"]  # type: ignore[index]


def _vectors() -> Operation:
    find, names = _at(TABLE_FEATURES).find, data.feature_names()

    def vectors(asked: Sequence[str]) -> list[tuple[float, ...]]:
        found = {each["_id"]: each for each in find({"_id": {"$in": asked}}, batch_size=len(asked) + 1)}
        return [tuple([found[entity][name] for name in names]) for entity in asked]

    return vectors


def _packed() -> Operation:
    find = _at(TABLE_PACKED).find

    def vectors(asked: Sequence[str]) -> list[tuple[float, ...]]:
        rows = find({"_id": {"$in": asked}}, batch_size=len(asked) + 1)
        found = {each["_id"]: each["packed"] for each in rows}
        return [unpacked(found[each]) for each in asked]

    return vectors


def _insert(concern: Mapping[str, Any]) -> Operation:
    collection = _written(concern)

    def insert(record: data.Record) -> None:
        collection.insert_one(stored(record))

    return insert


def _insert_many(concern: Mapping[str, Any]) -> Operation:
    collection = _written(concern)

    def insert(records: Sequence[data.Record]) -> None:
        collection.insert_many([stored(each) for each in records], ordered=False)

    return insert
