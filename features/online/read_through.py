"""The cache: this process's memory, then Redis, then the source. The one way in for pages and services.

A miss is computed once: in a process one thread reads and the others wait for it, among processes a lease
says who reads (docs/caching.md). Redis being away costs its timeout a few times, then nothing: the source
answers, and the errors are counted.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from redis.exceptions import RedisError

from features.caches import Cache

from . import leases
from .cache_counts import count
from .leases import Lookup
from .local_memory import memory

FLIGHT_SECONDS = 10.0
FIRST_PAUSE = 0.002

Read = Callable[[list[str]], Mapping[str, bytes]]
Source = Literal["memory", "redis", "source"]


@dataclass(frozen=True, slots=True)
class Found:
    """An answer and where it came from; None where the source has nothing to keep."""

    value: bytes | None
    source: Source


_flying: dict[str, threading.Event] = {}
_lock = threading.Lock()


def read_through(cache: Cache, key: str, read: Callable[[], bytes | None]) -> Found:
    """One answer (a hit takes one round trip, or none; a miss three: only then is a lease asked for).

    Args:
        cache: what is kept how (``features.caches``).
        key: of ``features.keys``.
        read: asks the source; None is not kept. What it raises is the caller's.
    """

    def read_one(_: list[str]) -> dict[str, bytes]:
        value = read()
        return {} if value is None else {key: value}

    found = _in_memory(cache, [key]) or _peeked(cache, key) or read_many(cache, [key], read_one)
    return found[key]


def read_many(cache: Cache, asked: Sequence[str], read: Read) -> dict[str, Found]:
    """Answers for many keys, each once; round trips as for one.

    Args:
        read: answers for some of the keys, from the source; those left out are not kept.
    """
    found = _in_memory(cache, asked)
    missing = [key for key in asked if key not in found]
    if not missing:
        return found
    ours, others = _take_off(missing)
    try:
        found |= _fetched(cache, ours, read)
    finally:
        _land(ours)
    if others:
        found |= _after_others(cache, others, read)
    return {key: found[key] for key in asked}


def peek(key: str) -> bytes | None:
    """What Redis has, whatever its age (one round trip): for while the source is away."""
    return leases.peek([key]).get(key)


def forget_all(forgotten: Sequence[str]) -> None:
    """Forget answers, in Redis and in this process (one round trip); other processes keep what is versioned.

    For answers that are wrong in themselves. After a change of the source: ``leases.forget``, which raises.
    """
    memory.drop(forgotten)
    with suppress(RedisError):
        leases.forget(forgotten)


def _in_memory(cache: Cache, asked: Sequence[str]) -> dict[str, Found]:
    if not cache.is_immutable:
        return {}
    values = memory.find(asked)
    if values:
        count(cache.name, memory=len(values))
    return _found(values, "memory")


def _peeked(cache: Cache, key: str) -> dict[str, Found]:
    """What is there, without what a lease costs: most reads are hits."""
    value = leases.peek_one(key)
    return {} if value is None else _kept(cache, {key: value})


def _fetched(cache: Cache, asked: list[str], read: Read) -> dict[str, Found]:
    """What this thread is to get: from Redis, from the source, or from another process that fills."""
    if not asked:
        return {}
    looked = leases.look_up_all(asked)
    found = _kept(cache, {key: each.value for key, each in looked.items() if each.value is not None})
    count(cache.name, errors=int(looked[asked[0]].is_away))
    elsewhere = [key for key, each in looked.items() if _is_filled_elsewhere(each)]
    found |= _filled(cache, {key: each for key, each in looked.items() if each.token or each.is_away}, read)
    return found | _awaited(cache, elsewhere, read)


def _filled(cache: Cache, looked: Mapping[str, Lookup], read: Read) -> dict[str, Found]:
    """From the source, and kept where the lease still holds; a failure ends the leases at once."""
    if not looked:
        return {}
    values: Mapping[str, bytes] = {}
    tokens = {key: each.token for key, each in looked.items()}
    try:
        values = read(list(looked))
    finally:
        kept = leases.fill_all({key: values.get(key) for key in looked}, tokens, seconds=cache.seconds)
        tried = sum(bool(tokens[key]) for key in values)
        count(cache.name, misses=len(looked), fills=kept, refused=tried - kept)
    if cache.is_immutable:
        memory.keep(values, seconds=cache.seconds)
    return {key: Found(values.get(key), "source") for key in looked}


def _awaited(cache: Cache, asked: list[str], read: Read) -> dict[str, Found]:
    """Wait a little for another process that reads the same; then read as well, and keep nothing."""
    found: dict[str, Found] = {}
    pause, until = FIRST_PAUSE, time.monotonic() + cache.wait_seconds
    count(cache.name, waits=len(asked))
    while asked and time.monotonic() < until:
        time.sleep(pause)
        pause *= 2
        found |= _kept(cache, leases.peek(asked))
        asked = [key for key in asked if key not in found]
    return found | _unkept(cache, asked, read)


def _after_others(cache: Cache, flights: Mapping[str, threading.Event], read: Read) -> dict[str, Found]:
    """What other threads were getting, asked for again once they have it.

    Not simply theirs: they may have read the source before a change that this caller knows of.
    """
    for flight in flights.values():
        flight.wait(FLIGHT_SECONDS)
    found = _in_memory(cache, list(flights))
    missing = [key for key in flights if key not in found]
    if missing:
        found |= _kept(cache, leases.peek(missing))
    return found | _unkept(cache, [key for key in missing if key not in found], read)


def _unkept(cache: Cache, asked: list[str], read: Read) -> dict[str, Found]:
    if not asked:
        return {}
    count(cache.name, misses=len(asked))
    values = read(asked)
    return {key: Found(values.get(key), "source") for key in asked}


def _kept(cache: Cache, values: Mapping[str, bytes]) -> dict[str, Found]:
    """Answers out of Redis, kept in memory where they can't become stale."""
    if values:
        count(cache.name, redis=len(values))
        if cache.is_immutable:
            memory.keep(values, seconds=cache.seconds)
    return _found(values, "redis")


def _found(values: Mapping[str, bytes], source: Source) -> dict[str, Found]:
    return {key: Found(value, source) for key, value in values.items()}


def _is_filled_elsewhere(looked: Lookup) -> bool:
    return looked.value is None and not looked.token and not looked.is_away


def _take_off(asked: Iterable[str]) -> tuple[list[str], dict[str, threading.Event]]:
    """The keys that this thread is to get, and the flights of those that others are getting."""
    ours, others = [], {}
    with _lock:
        for key in asked:
            if flight := _flying.get(key):
                others[key] = flight
            else:
                _flying[key] = threading.Event()
                ours.append(key)
    return ours, others


def _land(ours: Iterable[str]) -> None:
    with _lock:
        for key in ours:
            _flying.pop(key).set()
