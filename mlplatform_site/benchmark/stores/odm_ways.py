"""mongoengine, inside the platform's breaker."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.works import (
    BATCH_READ,
    BATCH_WRITE,
    BATCH_WRITE_LAX,
    CACHED_PAGE,
    COMPLEX_QUERY,
    FEATURE_VECTORS,
    KEY_VALUE_READ,
    LIBRARY,
    MONGODB,
    SIMPLE_READ,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)
from registry.documents.connection import guarded_by_breaker

from .documents import PageDocument, RecordDocument, ValueDocument, VectorDocument, WrittenDocument
from .mongo_ways import DURABLE, DURABLE_CONCERN, LAX, LAX_CONCERN, pipeline, rows
from .orm_ways import record_of
from .way import Operation, Way

NAME = "mongoengine"


def ways() -> Iterator[Way]:
    """All of them."""
    cases: list[tuple[str, str, Callable[[], Operation], str]] = [
        (KEY_VALUE_READ, NAME, _value, ""),
        (SIMPLE_READ, NAME, _record, ""),
        (SIMPLE_WRITE, f"{NAME}, save", lambda: _save(DURABLE_CONCERN), DURABLE),
        (SIMPLE_WRITE_LAX, f"{NAME}, save", lambda: _save(LAX_CONCERN), LAX),
        (BATCH_READ, f"{NAME}, in_bulk", _in_bulk, ""),
        (BATCH_WRITE, f"{NAME}, insert", lambda: _insert(DURABLE_CONCERN), DURABLE),
        (BATCH_WRITE_LAX, f"{NAME}, insert", lambda: _insert(LAX_CONCERN), LAX),
        (COMPLEX_QUERY, f"{NAME}, aggregate", _groups, ""),
        (CACHED_PAGE, NAME, _page, ""),
        (FEATURE_VECTORS, f"{NAME}, in_bulk", _vectors, ""),
    ]
    for work, name, open_, durability in cases:
        yield Way(work, LIBRARY, MONGODB, name, lambda open_=open_: _guarded(open_()), durability)  # type: ignore[misc]


def _guarded(operation: Operation) -> Operation:
    def guarded(asked: Any) -> Any:
        with guarded_by_breaker():
            return operation(asked)

    return guarded


def _value() -> Operation:
    return lambda key: ValueDocument.objects.get(key=key).value


def _record() -> Operation:
    return lambda key: record_of(RecordDocument.objects.get(record_id=key))


def _in_bulk() -> Operation:
    def in_bulk(asked: Sequence[str]) -> list[data.Record]:
        found = RecordDocument.objects.in_bulk(asked)
        return [record_of(found[each]) for each in asked]

    return in_bulk


def _save(concern: dict[str, Any]) -> Operation:
    def save(record: data.Record) -> None:
        WrittenDocument(**record).save(force_insert=True, write_concern=concern)

    return save


def _groups() -> Operation:
    return lambda loss: rows(RecordDocument.objects.aggregate(pipeline(loss)))


def _insert(concern: dict[str, Any]) -> Operation:
    def insert(records: Sequence[data.Record]) -> None:
        documents = [WrittenDocument(**each) for each in records]
        WrittenDocument.objects.insert(documents, load_bulk=False, write_concern=concern)

    return insert


def _page() -> Operation:
    return lambda number: PageDocument.objects.get(number=number).html


def _vectors() -> Operation:
    documents: Any = VectorDocument

    def vectors(asked: Sequence[str]) -> list[tuple[float, ...]]:
        found = documents.objects.in_bulk(asked)
        return [tuple([getattr(found[entity], name) for name in data.feature_names()]) for entity in asked]

    return vectors
