"""What the two Redis servers count themselves."""

from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from .connection import cache, store


@dataclass(frozen=True)
class ServerCounts:
    """One server since it started; ``limit_bytes`` is 0 where it has none."""

    server: str
    hits: int
    misses: int
    evicted: int
    expired: int
    used_bytes: int
    limit_bytes: int


def server_counts() -> list[ServerCounts]:
    """Of those that answer (one round trip each)."""
    found = []
    for name, server in (("cache", cache), ("store", store)):
        try:
            told: Any = server().info("everything")
        except RedisError:
            continue
        found.append(
            ServerCounts(
                server=name,
                hits=told["keyspace_hits"],
                misses=told["keyspace_misses"],
                evicted=told["evicted_keys"],
                expired=told["expired_keys"],
                used_bytes=told["used_memory"],
                limit_bytes=told.get("maxmemory", 0),
            )
        )
    return found
