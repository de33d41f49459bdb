"""Redis that has a write on disk before it answers, for as long as that is measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.conf import settings

from features.online.connection import client

ALWAYS = "always"
NOT_PRIVATE = "not offered: the settings of a Redis that others use are left alone"
NOT_KEPT = "not offered: this Redis writes no append-only file"
NOT_ALLOWED = "not offered: CONFIG SET appendfsync is not allowed here"


def why_not_synced(*, is_private: bool) -> str:
    """Why the store of the settings can't be switched; empty where it can."""
    if not is_private:
        return NOT_PRIVATE
    server = _store()
    try:
        if _told(server, "appendonly") != "yes":
            return NOT_KEPT
        server.config_set("appendfsync", _told(server, "appendfsync"))
    except redis.ResponseError:
        return NOT_ALLOWED
    finally:
        server.close()
    return ""


@contextmanager
def synced_before_the_answer() -> Iterator[None]:
    """Switch the store to ``appendfsync always``, and back to what it was."""
    server = _store()
    was = _told(server, "appendfsync")
    server.config_set("appendfsync", ALWAYS)
    try:
        yield
    finally:
        server.config_set("appendfsync", was)
        server.close()


def _store() -> redis.Redis:
    return client(settings.REDIS_STORE_URL, timeout_seconds=30.0)


def _told(server: redis.Redis, name: str) -> str:
    found: Any = server.config_get(name)
    (value,) = found.values()
    return value.decode() if isinstance(value, bytes) else str(value)
