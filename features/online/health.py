"""Health of the two Redis servers: reachable, how fast, how full."""

import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import redis
from django.conf import settings
from redis.exceptions import (
    AuthenticationError,
    NoPermissionError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
)
from redis.exceptions import TimeoutError as RedisTimeoutError

from registry import store_health
from registry.store_health import Problem, StoreHealth

from .connection import client

DEADLINE_SECONDS = 1.5
FULL_SHARE = 0.8


def check_cache() -> StoreHealth:
    """Ask the cache; never raises."""
    return _check("redis-cache", "Redis (cache)", "REDIS_CACHE_URL", settings.REDIS_CACHE_URL)


def check_store() -> StoreHealth:
    """Ask the store; never raises."""
    return _check("redis-store", "Redis (store)", "REDIS_STORE_URL", settings.REDIS_STORE_URL)


def _check(store: str, title: str, variable: str, url: str) -> StoreHealth:
    address = f"{urlsplit(url).hostname}:{urlsplit(url).port or 6379}"
    server = client(url, timeout_seconds=DEADLINE_SECONDS)
    try:
        return _measure(server, store, title, address)
    except RedisError as error:
        return StoreHealth(store, title, address, problems=(_explain(error, title, variable, address),))
    finally:
        server.close()


def _measure(server: redis.Redis, store: str, title: str, address: str) -> StoreHealth:
    server.ping()
    began = time.perf_counter()
    server.ping()
    ping_ms = (time.perf_counter() - began) * 1_000
    info: dict[str, Any] = server.info()
    keys = {name: each["keys"] for name, each in info.items() if name.startswith("db") and "keys" in each}
    return StoreHealth(
        store,
        title,
        address,
        ping_ms,
        info.get("valkey_version") or info["redis_version"],
        info["used_memory"],
        {"keys": sum(keys.values())},
        (*_memory(info, store, title), *_write(server, title)),
    )


def _memory(info: dict[str, Any], store: str, title: str) -> list[Problem]:
    limit, used, policy = info.get("maxmemory", 0), info["used_memory"], info.get("maxmemory_policy", "")
    problems = []
    if store == "redis-store" and policy != "noeviction":
        problems.append(
            Problem(
                f"{title} may evict features: its policy is {policy}.",
                "Set maxmemory-policy noeviction.",
                is_fatal=False,
            )
        )
    if limit and used > FULL_SHARE * limit and policy == "noeviction":
        problems.append(
            Problem(
                f"{title} uses {used / 1024**2:.0f} of {limit / 1024**2:.0f} MB of memory.",
                "Raise maxmemory, or shorten the features' TTL.",
                is_fatal=False,
            )
        )
    return problems


def _write(server: redis.Redis, title: str) -> list[Problem]:
    key = f"mlplatform:doctor:{secrets.token_hex(4)}"
    try:
        server.set(key, b"x", ex=5)
        server.delete(key)
    except OutOfMemoryError:
        return [
            Problem(
                f"{title} is out of memory and refuses writes.",
                "Raise maxmemory (CONFIG SET maxmemory 1gb), or delete keys that are not needed.",
            )
        ]
    except ResponseError as error:
        if "MISCONF" in str(error):
            return [_cannot_save(title)]
        return [store_health.unknown(title, error)]
    return []


def _cannot_save(title: str) -> Problem:
    return Problem(
        f"{title} refuses writes because it can't save them to its disk.",
        "Free some space on that disk; Redis goes on by itself once it can save.",
    )


def _explain(error: RedisError, title: str, variable: str, address: str) -> Problem:
    text = str(error)
    if isinstance(error, (AuthenticationError, NoPermissionError)) or "WRONGPASS" in text or "NOAUTH" in text:
        return store_health.wrong_password(title, variable)
    if isinstance(error, RedisTimeoutError) or "imeout" in text:
        return store_health.hanging(title, address, DEADLINE_SECONDS)
    if "refused" in text:
        return store_health.refused(title, address)
    if "LOADING" in text:
        return Problem(f"{title} is loading its data.", "Wait a few seconds and ask again.")
    return store_health.unknown(title, error)
