"""How the caches fare."""

from dataclasses import dataclass

from features.caches import CACHES
from features.online import cache_counts
from features.online.local_memory import memory
from features.online.server_counts import ServerCounts, server_counts
from registry.exceptions import StoreUnavailableError


@dataclass(frozen=True)
class CacheLine:
    """One cache: answers out of processes' memory, out of Redis and from the source (misses).

    Attributes:
        hit_share: Hits among all answers, 0 to 1; None before the first.
        refused: Answers that came too late to be kept: their source had changed meanwhile.
        waits: How often one waited for another process that was reading the same.
        errors: Calls that Redis did not answer.
    """

    cache: str
    memory: int
    redis: int
    misses: int
    hit_share: float | None
    fills: int
    refused: int
    waits: int
    errors: int


@dataclass(frozen=True)
class CacheStatistics:
    """All caches.

    Attributes:
        is_whole: The last hour of all processes; else Redis is away, and it is this process since it began.
        local_entries: Answers in this process's memory, ``local_bytes`` of at most ``local_most_bytes``.
        local_evictions: How many had to make room since it began.
        servers: What Redis itself counts, of the servers that answer.
    """

    caches: list[CacheLine]
    is_whole: bool
    local_entries: int
    local_bytes: int
    local_most_bytes: int
    local_evictions: int
    servers: list[ServerCounts]


def cache_statistics() -> CacheStatistics:
    """Counts of all caches (at most four round trips; never raises)."""
    try:
        known, is_whole = cache_counts.of_all_processes(), True
    except StoreUnavailableError:
        known, is_whole = cache_counts.of_this_process(), False
    return CacheStatistics(
        caches=[_line(cache.name, known.get(cache.name, {})) for cache in CACHES],
        is_whole=is_whole,
        local_entries=len(memory),
        local_bytes=memory.bytes,
        local_most_bytes=memory.most_bytes,
        local_evictions=memory.evictions,
        servers=server_counts(),
    )


def _line(name: str, counts: dict[str, int]) -> CacheLine:
    numbers = dict.fromkeys(cache_counts.EVENTS, 0) | counts
    hits = numbers["memory"] + numbers["redis"]
    answers = hits + numbers["misses"]
    return CacheLine(cache=name, hit_share=hits / answers if answers else None, **numbers)
