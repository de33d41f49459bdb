"""The same data in every store, and what the works wrote counted and taken away again."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pymongo import ASCENDING

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.pages import kept_page
from analysis.benchmarks.stores.works import MONGODB, POSTGRESQL, REDIS
from features.feature_rows import OnlineRow
from features.online.connection import cache, client, store
from features.services.online_features import write_online_features
from registry.documents.connection import database

from .cache_ways import djangos_cache
from .mongo_ways import stored
from .orm_ways import database_cache
from .postgres_ways import copy_into
from .redis_ways import hash_of, key
from .tables import MODELS, Packed, Page
from .view import VIEW, packed
from .way import (
    TABLE_CACHE,
    TABLE_FEATURES,
    TABLE_PACKED,
    TABLE_PAGES,
    TABLE_RECORDS,
    TABLE_VALUES,
    TABLE_WRITTEN,
)

CHUNK = 1_000
SECONDS = 60.0


def fill(records: int, *, pages: int) -> Iterator[str]:
    """Fill the three stores; yields what is being filled."""
    yield "PostgreSQL"
    _fill_postgresql(records, pages)
    yield "MongoDB"
    _fill_mongodb(records, pages)
    yield "Redis"
    _fill_redis(records, pages)


def count_written(name: str) -> int:
    """How many records the works have written to a store."""
    return _COUNTS[name]()


def take_away_written(name: str) -> None:
    """Empty it of them again."""
    _EMPTY[name]()


def _fill_postgresql(records: int, pages: int) -> None:
    with connection.schema_editor() as editor:
        for model in MODELS:
            editor.create_model(model)
    call_command("createcachetable", TABLE_CACHE, verbosity=0)
    kept = database_cache()
    for number in range(pages):
        kept.set(f"page:{number}", kept_page(number))
    with connection.cursor() as cursor:
        for table, rows in (
            (TABLE_VALUES, [(data.key(each), data.value(each)) for each in range(records)]),
            (TABLE_RECORDS, [each.values() for each in data.records(records)]),
            (TABLE_FEATURES, [(data.entity(each), *data.vector(each)) for each in range(data.ENTITIES)]),
        ):
            copy_into(cursor, table, rows)
    Packed.objects.bulk_create(
        [Packed(entity=data.entity(each), packed=packed(each)) for each in range(data.ENTITIES)]
    )
    Page.objects.bulk_create([Page(number=number, html=kept_page(number)) for number in range(pages)])
    _ask_postgresql("VACUUM ANALYZE")


def _fill_mongodb(records: int, pages: int) -> None:
    names = data.feature_names()
    for name, documents in (
        (TABLE_VALUES, [{"_id": data.key(each), "value": data.value(each)} for each in range(records)]),
        (TABLE_RECORDS, [stored(each) for each in data.records(records)]),
        (TABLE_PAGES, [{"_id": number, "html": kept_page(number)} for number in range(pages)]),
        (
            TABLE_PACKED,
            [{"_id": data.entity(each), "packed": packed(each)} for each in range(data.ENTITIES)],
        ),
        (
            TABLE_FEATURES,
            [
                {"_id": data.entity(each), **dict(zip(names, data.vector(each), strict=True))}
                for each in range(data.ENTITIES)
            ],
        ),
    ):
        if documents:
            database()[name].insert_many(documents, ordered=False)
    database().create_collection(TABLE_WRITTEN)
    database()[TABLE_RECORDS].create_index([("status", ASCENDING), ("loss", ASCENDING)])


def _fill_redis(records: int, pages: int) -> None:
    values: list[tuple[str, str | bytes]] = []
    values += [(key("value", data.key(each)), data.value(each)) for each in range(records)]
    values += [(key("json", each["record_id"]), orjson.dumps(each)) for each in data.records(records)]
    values += [(key("page", number), kept_page(number)) for number in range(pages)]
    _put(cache(), values, lambda pipe, row: pipe.set(*row))
    djangos = djangos_cache()
    djangos.set_many({f"page:{number}": kept_page(number) for number in range(pages)})
    for start in range(0, records, CHUNK):
        part = range(start, min(start + CHUNK, records))
        djangos.set_many({f"value:{data.key(each)}": data.value(each) for each in part})
    _put(store(), data.records(records), _put_record)
    event_at = dt.datetime.fromtimestamp(data.START_MS / 1_000, dt.UTC)
    names = data.feature_names()
    rows = [
        OnlineRow(data.entity(each), event_at, dict(zip(names, data.vector(each), strict=True)))
        for each in range(data.ENTITIES)
    ]
    write_online_features(view=VIEW, rows=rows)


def _put(server: redis.Redis, rows: Sequence[Any], put: Callable[[Any, Any], object]) -> None:
    for start in range(0, len(rows), CHUNK):
        with server.pipeline(transaction=False) as pipe:
            for row in rows[start : start + CHUNK]:
                put(pipe, row)
            pipe.execute()


def _put_record(pipe: Any, record: data.Record) -> None:
    pipe.hset(key("record", record["record_id"]), mapping=hash_of(record))
    if record["status"] == "FINISHED":
        pipe.zadd(key("finished", "by-loss"), {record["record_id"]: record["loss"]})


def _ask_postgresql(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone() if cursor.description else None


def _written_keys() -> tuple[redis.Redis, list[bytes]]:
    server = client(settings.REDIS_STORE_URL, timeout_seconds=SECONDS)
    return server, list(server.scan_iter(key("written", "*"), count=CHUNK * 5))


def _empty_mongodb() -> None:
    """Dropped and made anew: no write has to wait for the collection."""
    database().drop_collection(TABLE_WRITTEN)
    database().create_collection(TABLE_WRITTEN)


def _empty_redis() -> None:
    server, found = _written_keys()
    for start in range(0, len(found), CHUNK):
        server.unlink(*found[start : start + CHUNK])
    server.close()


_COUNTS: dict[str, Callable[[], int]] = {
    POSTGRESQL: lambda: int(_ask_postgresql(f"SELECT count(*) FROM {TABLE_WRITTEN}")[0]),  # noqa: S608
    MONGODB: lambda: database()[TABLE_WRITTEN].count_documents({}),
    REDIS: lambda: len(_written_keys()[1]),
}
_EMPTY: dict[str, Callable[[], object]] = {
    POSTGRESQL: lambda: _ask_postgresql(f"TRUNCATE {TABLE_WRITTEN}"),
    MONGODB: _empty_mongodb,
    REDIS: _empty_redis,
}
