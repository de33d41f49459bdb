"""Counters of what customers do: totals, hours of the events' own clock, rankings."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from redis.client import Pipeline

from features import keys

from .connection import run_script, store
from .errors import told_plainly

WHOLE = b"whole"
SHOWN_HOURS = 168
REMEMBERED_MS = 7 * 24 * 3_600 * 1_000
CHUNK = 5_000

# KEYS: seen, totals, hours, countries by events, countries by cents, customers. ARGV: batch, now (ms), seen
# since, kind, country, newest event (s), seconds of hours that are shown, number of hours, then hour, events
# and cents of each, then customer and cents in turn. A batch that comes again adds nothing; what is older
# than the hours shown is in the totals alone.
ADD = """
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
local latest = tonumber(redis.call('HGET', KEYS[2], 'latest') or '-1')
local before = latest
if tonumber(ARGV[6]) > latest then
  latest = tonumber(ARGV[6])
  redis.call('HSET', KEYS[2], 'latest', ARGV[6])
end
local first = latest - latest % 3600 - tonumber(ARGV[7]) + 3600
local number, cents, at = 0, 0, 9
for _ = 1, tonumber(ARGV[8]) do
  number, cents = number + ARGV[at + 1], cents + ARGV[at + 2]
  if tonumber(ARGV[at]) >= first then
    redis.call('HINCRBY', KEYS[3], ARGV[at] .. '|' .. ARGV[4] .. '|events', ARGV[at + 1])
    redis.call('HINCRBY', KEYS[3], ARGV[at] .. '|' .. ARGV[4] .. '|cents', ARGV[at + 2])
  end
  at = at + 3
end
redis.call('HINCRBY', KEYS[2], ARGV[4] .. '|events', number)
redis.call('HINCRBY', KEYS[2], ARGV[4] .. '|cents', cents)
redis.call('ZINCRBY', KEYS[4], number, ARGV[5])
if cents > 0 then redis.call('ZINCRBY', KEYS[5], cents, ARGV[5]) end
for place = at, #ARGV, 2 do redis.call('ZINCRBY', KEYS[6], ARGV[place + 1], ARGV[place]) end
if math.floor(latest / 3600) > math.floor(before / 3600) then
  for _, name in ipairs(redis.call('HKEYS', KEYS[3])) do
    if tonumber(string.match(name, '^(-?%d+)|')) < first then redis.call('HDEL', KEYS[3], name) end
  end
end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
return 1
"""


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """What a batch adds: events and cents by hour (its first second); cents by customer."""

    batch_id: str
    kind: str
    country: str
    latest: int
    hours: dict[int, tuple[int, int]]
    spent: dict[str, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """The counters: events and cents by kind, by hour and kind, and by country; cents by customer.

    ``latest`` is the newest event's second since 1970, None where there was none.
    """

    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)
    hours: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)
    countries: dict[str, tuple[int, int]] = field(default_factory=dict)
    customers: dict[str, int] = field(default_factory=dict)
    latest: int | None = None

    @property
    def events(self) -> int:
        """How many in all."""
        return sum(number for number, _ in self.kinds.values())


def add(batches: Iterable[BatchCounts]) -> int:
    """Count batches, each once whatever happens (one round trip); returns how many had not been counted.

    Raises:
        StoreUnavailableError: Redis does not answer, or is full; any of them may be counted.
    """
    now = int(time.time() * 1_000)
    calls = [(_keys(), _arguments(each, now)) for each in batches]
    if not calls:
        return 0
    with told_plainly():
        return sum(run_script(ADD, calls))


def read(*, limit: int | None = None) -> Counts | None:
    """The counters, of countries and customers the best ``limit``; None where Redis lost them.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    last = -1 if limit is None else limit - 1
    _, totals, hours, by_events, by_cents, customers = _keys()
    with told_plainly(), store().pipeline(transaction=True) as pipe:
        pipe.get(keys.activity_built())
        pipe.hgetall(totals)
        pipe.hgetall(hours)
        pipe.zrange(by_events, 0, -1, withscores=True)
        pipe.zrange(by_cents, 0, -1, withscores=True)
        pipe.zrange(customers, 0, last, desc=True, withscores=True)
        built, *found = pipe.execute()
    return _counts(*found, limit=limit) if built == WHOLE else None


def events_counted() -> int | None:
    """How many events are counted; None where Redis lost the counters, or never had them (one round trip).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly(), store().pipeline(transaction=True) as pipe:
        pipe.get(keys.activity_built())
        pipe.hgetall(keys.activity_totals())
        built, totals = pipe.execute()
    if built != WHOLE:
        return None
    return sum(int(number) for name, number in totals.items() if name.endswith(b"|events"))


def replace(counts: Counts) -> None:
    """Make the counters these; which batches were counted is forgotten. Who counts meanwhile spoils it.

    Raises:
        StoreUnavailableError: Redis does not answer, or is full; the counters are not believed then.
    """
    _, totals, hours, by_events, by_cents, customers = _keys()
    by_customer = list(counts.customers.items())
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        pipe.delete(keys.activity_built(), *_keys())
        _fill(pipe, totals, counts.kinds)
        if counts.latest is not None:
            pipe.hset(totals, "latest", counts.latest)
        _fill(pipe, hours, {f"{hour}|{kind}": pair for (hour, kind), pair in counts.hours.items()})
        for place, key in enumerate((by_events, by_cents)):
            if scores := {name: pair[place] for name, pair in counts.countries.items() if pair[place]}:
                pipe.zadd(key, scores)
        for start in range(0, len(by_customer), CHUNK):
            pipe.zadd(customers, dict(by_customer[start : start + CHUNK]))
        pipe.set(keys.activity_built(), WHOLE)
        pipe.execute()


def _keys() -> list[str]:
    return [
        keys.activity_seen(),
        keys.activity_totals(),
        keys.activity_hours(),
        keys.activity_ranking("countries:events"),
        keys.activity_ranking("countries:cents"),
        keys.activity_ranking("customers:cents"),
    ]


def _arguments(batch: BatchCounts, now: int) -> list[str | int]:
    arguments: list[str | int] = [
        batch.batch_id, now, now - REMEMBERED_MS, batch.kind, batch.country, batch.latest,
        SHOWN_HOURS * 3_600, len(batch.hours),
    ]  # fmt: skip
    for hour, (number, cents) in batch.hours.items():
        arguments += (hour, number, cents)
    for customer, cents in batch.spent.items():
        arguments += (customer, cents)
    return arguments


def _fill(pipe: Pipeline, key: str, pairs: dict[str, tuple[int, int]]) -> None:
    mapping: dict[Any, Any] = {
        f"{name}|{what}": value
        for name, pair in pairs.items()
        for what, value in zip(("events", "cents"), pair, strict=True)
    }
    if mapping:
        pipe.hset(key, mapping=mapping)


def _counts(
    totals: dict[bytes, bytes],
    hours: dict[bytes, bytes],
    by_events: Sequence[tuple[bytes, float]],
    by_cents: Sequence[tuple[bytes, float]],
    customers: Sequence[tuple[bytes, float]],
    *,
    limit: int | None,
) -> Counts:
    latest = totals.pop(b"latest", None)
    cents = dict(by_cents)
    countries = {name.decode(): (int(number), int(cents.get(name, 0))) for name, number in by_events}
    best = sorted(countries.items(), key=lambda each: (-each[1][1], -each[1][0], each[0]))
    by_hour = {tuple(name.split("|")): pair for name, pair in _paired(hours).items()}
    return Counts(
        kinds=_paired(totals),
        hours={(int(hour), kind): pair for (hour, kind), pair in by_hour.items()},
        countries=dict(best[:limit]),
        customers={name.decode(): int(score) for name, score in customers},
        latest=None if latest is None else int(latest),
    )


def _paired(found: dict[bytes, bytes]) -> dict[str, tuple[int, int]]:
    pairs: dict[str, tuple[int, int]] = {}
    for field_name, value in found.items():
        name, _, what = field_name.decode().rpartition("|")
        number, cents = pairs.get(name, (0, 0))
        pairs[name] = (int(value), cents) if what == "events" else (number, int(value))
    return pairs
