"""How the caches fare: counted in each process, added up in Redis about once a second while in use."""

import threading
import time
from collections import Counter

from redis.exceptions import RedisError

from features import keys

from .connection import store

EVENTS = ("memory", "redis", "misses", "fills", "refused", "waits", "errors")
"""Hits in memory and in Redis; reads of the source; answers kept, and those that came too late to be; waits
for another who fills; calls that Redis did not answer."""
FLUSH_SECONDS = 1.0

_lock = threading.Lock()
_unsent: Counter[str] = Counter()
_process: Counter[str] = Counter()
_next_flush = 0.0


def count(name: str, **events: int) -> None:
    """Count events of a cache."""
    global _next_flush  # noqa: PLW0603 (one clock a process)
    with _lock:
        for event, number in events.items():
            if number:
                _unsent[f"{name}:{event}"] += number
                _process[f"{name}:{event}"] += number
        if time.monotonic() < _next_flush:
            return
        _next_flush = time.monotonic() + FLUSH_SECONDS
    flush()


def flush() -> None:
    """Add what was counted to Redis (one round trip); where it is away, this goes on waiting."""
    with _lock:
        sent = Counter(_unsent)
        _unsent.clear()
    if not sent:
        return
    try:
        with store().pipeline(transaction=True) as pipe:
            for field, number in sent.items():
                pipe.hincrby(keys.cache_counts(), field, number)
            pipe.execute()
    except RedisError:
        with _lock:
            _unsent.update(sent)


def of_this_process() -> dict[str, dict[str, int]]:
    """Counts since the process began: by cache, by event."""
    with _lock:
        return by_cache(_process)


def of_all_processes() -> dict[str, dict[str, int]] | None:
    """Counts of all processes since they were reset (two round trips); None where Redis does not answer."""
    flush()
    try:
        found = store().hgetall(keys.cache_counts())
    except RedisError:
        return None
    return by_cache({field.decode(): int(number) for field, number in found.items()})


def reset() -> None:
    """Begin anew, in this process and in Redis.

    Raises:
        RedisError: Redis does not answer.
    """
    with _lock:
        _unsent.clear()
        _process.clear()
    store().delete(keys.cache_counts())


def by_cache(counts: dict[str, int] | Counter[str]) -> dict[str, dict[str, int]]:
    """``name:event`` → number, as name → event → number."""
    found: dict[str, dict[str, int]] = {}
    for field, number in counts.items():
        name, _, event = field.rpartition(":")
        found.setdefault(name, dict.fromkeys(EVENTS, 0))[event] = number
    return found
