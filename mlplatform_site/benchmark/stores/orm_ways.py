"""Django's ORM, as the platform connects: with deadlines, breaker and watchdog."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connection
from django.db.models import Avg, Count, Max

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
    POSTGRESQL,
    SIMPLE_READ,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)

from .postgres_ways import DURABLE, LAX
from .tables import Page, Record, Value, Vector, Written
from .way import TABLE_CACHE, Operation, Way

NAME = "Django's ORM"
_switched: dict[str, tuple[Any, str]] = {}  # this process's connection, and to what


def ways() -> Iterator[Way]:
    """All of them."""
    cases: list[tuple[str, str, Callable[[], Operation], str]] = [
        (KEY_VALUE_READ, NAME, _value, ""),
        (SIMPLE_READ, NAME, _record, ""),
        (SIMPLE_WRITE, f"{NAME}, create", lambda: committed_as("on", _create), DURABLE),
        (SIMPLE_WRITE_LAX, f"{NAME}, create", lambda: committed_as("off", _create), LAX),
        (BATCH_READ, f"{NAME}, in_bulk", _in_bulk, ""),
        (BATCH_WRITE, f"{NAME}, bulk_create", lambda: committed_as("on", _bulk_create), DURABLE),
        (BATCH_WRITE_LAX, f"{NAME}, bulk_create", lambda: committed_as("off", _bulk_create), LAX),
        (COMPLEX_QUERY, f"{NAME}, annotate", _groups, ""),
        (CACHED_PAGE, NAME, _page, ""),
        (CACHED_PAGE, "Django's database cache", _cached_page, ""),
        (FEATURE_VECTORS, f"{NAME}, values_list", _vectors, ""),
    ]
    for work, name, open_, durability in cases:
        yield Way(work, LIBRARY, POSTGRESQL, name, open_, durability)


def database_cache() -> DatabaseCache:
    """Django's cache in a table, keeping for good."""
    return DatabaseCache(TABLE_CACHE, {"timeout": None, "max_entries": 10_000})


def record_of(row: Any) -> data.Record:
    """A model's or a document's fields."""
    return {name: getattr(row, name) for name in data.COLUMNS}


def _value() -> Operation:
    return lambda key: Value.objects.get(key=key).value


def _record() -> Operation:
    return lambda key: record_of(Record.objects.get(record_id=key))


def committed_as(synchronous: str, write: Operation) -> Operation:
    """A write by ``synchronous_commit`` on or off.

    Django keeps one connection a process: it is switched when another way had it, in the warm-up.
    """

    def committed(asked: Any) -> None:
        wanted = (connection.connection, synchronous)  # None where it is not open yet
        if connection.connection is None or _switched.get("to") != wanted:
            with connection.cursor() as cursor:
                cursor.execute(f"SET synchronous_commit = {synchronous}")
            _switched["to"] = (connection.connection, synchronous)
        write(asked)

    return committed


def _create(record: data.Record) -> None:
    Written.objects.create(**record)


def _in_bulk() -> Operation:
    def in_bulk(asked: Sequence[str]) -> list[data.Record]:
        found = Record.objects.in_bulk(asked)
        return [record_of(found[each]) for each in asked]

    return in_bulk


def _bulk_create(records: Sequence[data.Record]) -> None:
    Written.objects.bulk_create([Written(**each) for each in records])


def _groups() -> Operation:
    def groups(loss: float) -> list[Any]:
        found = Record.objects.filter(status="FINISHED", loss__lt=loss).values_list("framework")
        return list(
            found.annotate(count=Count("pk"), mean=Avg("accuracy"), best=Max("accuracy")).order_by(
                "framework"
            )
        )

    return groups


def _page() -> Operation:
    return lambda number: Page.objects.get(number=number).html


def _cached_page() -> Operation:
    cache = database_cache()
    return lambda number: cache.get(f"page:{number}")


def _vectors() -> Operation:
    def vectors(asked: Sequence[str]) -> list[tuple[float, ...]]:
        found = Vector.objects.filter(entity__in=asked).values_list("entity", *data.feature_names())
        by_entity = {row[0]: row[1:] for row in found}
        return [by_entity[each] for each in asked]

    return vectors
