"""The platform's own ways to Redis: the cache API, Django's cache, online features, the guarded store."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from django.conf import settings
from django_redis.cache import RedisCache

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.pages import page
from analysis.benchmarks.stores.works import (
    BATCH_READ,
    BATCH_WRITE,
    BATCH_WRITE_LAX,
    CACHED_PAGE,
    COMPLEX_QUERY,
    DURABLE_WRITES,
    FEATURE_VECTORS,
    KEY_VALUE_READ,
    LIBRARY,
    REDIS,
    RENDERING,
    SIMPLE_READ,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)
from features.caches import Cache
from features.online.connection import ask_store, store
from features.online.errors import told_plainly
from features.online.read_through import read_many, read_through
from features.services.online_features import read_online_features

from .redis_ways import DURABLE, LAX, key
from .view import VIEW
from .way import Operation, Way

LEASED = Cache("benchmark", 86_400)
OURS, DJANGOS = "our cache API (read_through)", "Django's cache (django-redis)"
NO_QUERIES = "not offered: no library asks Redis by value; see the bare driver"


def ways() -> Iterator[Way]:
    """All of them, and the page rendered anew."""
    cases: list[tuple[str, str, Callable[[], Operation], str]] = [
        (KEY_VALUE_READ, OURS, _value, ""),
        (KEY_VALUE_READ, DJANGOS, lambda: _from_djangos("value"), ""),
        (SIMPLE_READ, OURS, _record, ""),
        (SIMPLE_WRITE, "features.online, SET of JSON", _write, DURABLE),
        (SIMPLE_WRITE_LAX, "features.online, SET of JSON", _write, LAX),
        (BATCH_READ, "our cache API (read_many)", _records, ""),
        (BATCH_WRITE, "features.online, pipeline of SET", _write_many, DURABLE),
        (BATCH_WRITE_LAX, "features.online, pipeline of SET", _write_many, LAX),
        (CACHED_PAGE, OURS, _page, ""),
        (CACHED_PAGE, DJANGOS, lambda: _from_djangos("page"), ""),
        (FEATURE_VECTORS, "read_online_features", _vectors, ""),
    ]
    for work, name, open_, durability in cases:
        yield Way(work, LIBRARY, REDIS, name, open_, durability, is_synced=work in DURABLE_WRITES)
    yield Way(COMPLEX_QUERY, LIBRARY, REDIS, "none", lambda: page, not_offered=NO_QUERIES)
    yield Way(CACHED_PAGE, LIBRARY, RENDERING, "Django's templates", lambda: page, is_counted=False)


def djangos_cache() -> RedisCache:
    """Django's cache with the platform's options and the benchmark's keys."""
    options = settings.CACHES["default"]
    parameters = {**options, "KEY_PREFIX": settings.REDIS_KEY_PREFIX, "TIMEOUT": None}
    return RedisCache(parameters.pop("LOCATION"), parameters)


def _source() -> bytes:
    raise LookupError("The cache has lost what was put there; is it too small?")


def _value() -> Operation:
    return lambda asked: _text(read_through(LEASED, key("value", asked), _source).value)


def _from_djangos(kind: str) -> Operation:
    cache = djangos_cache()
    return lambda asked: cache.get(f"{kind}:{asked}")


def _record() -> Operation:
    return lambda asked: orjson.loads(read_through(LEASED, key("json", asked), _source).value or b"")


def _records() -> Operation:
    def read(_: list[str]) -> dict[str, bytes]:
        return {"": _source()}

    def records(asked: Sequence[str]) -> list[data.Record]:
        found = read_many(LEASED, [key("json", each) for each in asked], read)
        return [orjson.loads(each.value or b"") for each in found.values()]

    return records


def _write() -> Operation:
    def write(record: data.Record) -> None:
        with told_plainly():
            ask_store("SET", key("written", record["record_id"]), orjson.dumps(record))

    return write


def _write_many() -> Operation:
    def write(records: Sequence[data.Record]) -> None:
        with told_plainly(), store().pipeline(transaction=False) as pipe:
            for each in records:
                pipe.set(key("written", each["record_id"]), orjson.dumps(each))
            pipe.execute()

    return write


def _page() -> Operation:
    return lambda number: _text(read_through(LEASED, key("page", number), _source).value)


def _vectors() -> Operation:
    def vectors(asked: Sequence[str]) -> list[Any]:
        return [row.values for row in read_online_features(view=VIEW, entity_keys=asked)]

    return vectors


def _text(value: bytes | None) -> str:
    return (value or b"").decode()
