"""Copies of the views' schemas, for while PostgreSQL is away."""

from redis.exceptions import RedisError

from features import keys

from .connection import ask_store


def keep(name: str, copy: bytes) -> None:
    """Keep a copy (one round trip), where Redis answers."""
    try:
        ask_store("HSET", keys.view_schemas(), name, copy)
    except RedisError:
        return


def find(name: str) -> bytes | None:
    """A copy (one round trip); None where there is none or Redis does not answer."""
    try:
        found: bytes | None = ask_store("HGET", keys.view_schemas(), name)
    except RedisError:
        return None
    return found
