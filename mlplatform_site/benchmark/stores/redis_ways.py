"""redis-py, on connections with the platform's deadlines but past its breaker."""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson
import redis
from django.conf import settings

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
    REDIS,
    SIMPLE_READ,
    SIMPLE_WRITE,
    SIMPLE_WRITE_LAX,
)
from features import keys
from features.online.connection import client

from .view import VIEW, unpacked
from .way import Operation, Way

NAME = "redis-py"
DURABLE = "on disk: append-only file, appendfsync always"
LAX = "lost within 1 s of a crash: append-only file, appendfsync everysec"
QUERY_SECONDS = 30.0
# KEYS: the sorted set of finished records by loss. ARGV: loss, prefix of the hashes. The sorted set is the
# index that a record's writer would have to keep.
GROUPS = """
local counts, sums, bests = {}, {}, {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1])) do
  local found = redis.call('HMGET', ARGV[2] .. id, 'framework', 'accuracy')
  local name, accuracy = found[1], tonumber(found[2])
  counts[name] = (counts[name] or 0) + 1
  sums[name] = (sums[name] or 0) + accuracy
  bests[name] = math.max(bests[name] or accuracy, accuracy)
end
local answer = {}
for name, count in pairs(counts) do
  answer[#answer + 1] = {name, count, string.format('%.17g', sums[name] / count),
    string.format('%.17g', bests[name])}
end
return answer
"""


def key(kind: str, name: object) -> str:
    """A key of the benchmark's own."""
    return f"{settings.REDIS_KEY_PREFIX}:bench:{kind}:{name}"


def ways() -> Iterator[Way]:
    """All of them."""
    cases: list[tuple[str, str, str, Callable[[], Operation]]] = [
        (KEY_VALUE_READ, DRIVER, f"{NAME}, GET", _value),
        (KEY_VALUE_READ, BATCHED, "MGET", _values),
        (SIMPLE_READ, DRIVER, f"{NAME}, HGETALL", _record),
        (SIMPLE_READ, DRIVER, f"{NAME}, GET of JSON", _json_record),
        (BATCH_READ, BATCHED, "pipeline of HGETALL", _records),
        (BATCH_READ, BATCHED, "MGET of JSON", _json_records),
        (COMPLEX_QUERY, DRIVER, "sorted set and Lua", _groups),
        (COMPLEX_QUERY, DRIVER, "sorted set, then added up by the client", _groups_by_client),
        (CACHED_PAGE, DRIVER, f"{NAME}, GET", _page),
        (FEATURE_VECTORS, DRIVER, "MGET of packed rows", _vectors),
        (FEATURE_VECTORS, BATCHED, "MGET of packed rows", _vectors),
    ]
    for work, level, name, open_ in cases:
        yield Way(work, level, REDIS, name, open_)
    for one, many, promise, is_synced in (
        (SIMPLE_WRITE, BATCH_WRITE, DURABLE, True),
        (SIMPLE_WRITE_LAX, BATCH_WRITE_LAX, LAX, False),
    ):
        for work, level, name, open_ in (
            (one, DRIVER, f"{NAME}, HSET", _set_hash),
            (one, DRIVER, f"{NAME}, SET of JSON", _set_json),
            (many, BATCHED, "pipeline of HSET", _set_hashes),
            (many, BATCHED, "MSET of JSON", _set_jsons),
        ):
            yield Way(work, level, REDIS, name, open_, promise, is_synced=is_synced)


def hash_of(record: data.Record) -> Any:
    """A record as a hash: its id is in the key, floats with all their digits."""
    return {name: repr(record[name]) if name in data.FLOATS else record[name] for name in data.FIELDS}


def record_of(record_id: str, found: Mapping[bytes, bytes]) -> data.Record:
    """The record back from its hash."""
    texts = {name.decode(): text.decode() for name, text in found.items()}
    return {
        "record_id": record_id,
        **texts,
        **{name: float(texts[name]) for name in data.FLOATS},
        **{name: int(texts[name]) for name in data.WHOLES},
    }


def feature_keys(entities: Sequence[str]) -> list[str]:
    """As the platform spells them."""
    return keys.feature_rows(VIEW.entity, VIEW.name, VIEW.version, entities)


@functools.cache
def _cache() -> redis.Redis:
    return client(settings.REDIS_CACHE_URL)


@functools.cache
def _store() -> redis.Redis:
    return client(settings.REDIS_STORE_URL)


@functools.cache
def _patient_store() -> redis.Redis:
    return client(settings.REDIS_STORE_URL, timeout_seconds=QUERY_SECONDS)


def _value() -> Operation:
    get: Any = _cache().get
    return lambda asked: get(key("value", asked)).decode()


def _values() -> Operation:
    get: Any = _cache().mget
    return lambda asked: [each.decode() for each in get([key("value", name) for name in asked])]


def _record() -> Operation:
    get: Any = _store().hgetall
    return lambda asked: record_of(asked, get(key("record", asked)))


def _json_record() -> Operation:
    get: Any = _cache().get
    return lambda asked: orjson.loads(get(key("json", asked)))


def _records() -> Operation:
    store = _store()

    def records(asked: Sequence[str]) -> list[data.Record]:
        pipe = store.pipeline(transaction=False)
        for each in asked:
            pipe.hgetall(key("record", each))
        return [record_of(each, found) for each, found in zip(asked, pipe.execute(), strict=True)]

    return records


def _json_records() -> Operation:
    get: Any = _cache().mget
    return lambda asked: [orjson.loads(each) for each in get([key("json", name) for name in asked])]


def _groups() -> Operation:
    script = _patient_store().register_script(GROUPS)
    names, prefix = [key("finished", "by-loss")], key("record", "")

    def groups(loss: float) -> list[tuple[str, int, float, float]]:
        found: Any = script(keys=names, args=[repr(loss), prefix])
        return sorted((name.decode(), count, float(mean), float(best)) for name, count, mean, best in found)

    return groups


def _groups_by_client() -> Operation:
    store = _patient_store()
    index = key("finished", "by-loss")

    def groups(loss: float) -> list[tuple[str, int, float, float]]:
        pipe = store.pipeline(transaction=False)
        wanted: Any = store.zrange(index, "-inf", f"({loss!r}", byscore=True)
        for each in wanted:
            pipe.hmget(key("record", each.decode()), ["framework", "accuracy"])
        found: dict[bytes, list[float]] = {}
        for name, accuracy in pipe.execute():
            found.setdefault(name, []).append(float(accuracy))
        return sorted(
            (name.decode(), len(all_), sum(all_) / len(all_), max(all_)) for name, all_ in found.items()
        )

    return groups


def _page() -> Operation:
    get: Any = _cache().get
    return lambda number: get(key("page", number)).decode()


def _vectors() -> Operation:
    get: Any = _store().mget
    return lambda entities: [unpacked(each) for each in get(feature_keys(entities))]


def _set_hash() -> Operation:
    put: Any = _store().hset
    return lambda record: _nothing(put(key("written", record["record_id"]), mapping=hash_of(record)))


def _set_json() -> Operation:
    put = _store().set
    return lambda record: _nothing(put(key("written", record["record_id"]), orjson.dumps(record)))


def _set_hashes() -> Operation:
    store = _store()

    def put(records: Sequence[data.Record]) -> None:
        pipe = store.pipeline(transaction=False)
        for each in records:
            pipe.hset(key("written", each["record_id"]), mapping=hash_of(each))
        pipe.execute()

    return put


def _set_jsons() -> Operation:
    put = _store().mset
    return lambda records: _nothing(
        put({key("written", each["record_id"]): orjson.dumps(each) for each in records})
    )


def _nothing(_: object) -> None:
    """A write has no answer to compare: what is there is counted afterwards."""
