"""Copies of the views' schemas, for while PostgreSQL is away."""

from redis.exceptions import RedisError

from features import keys

from .connection import ask_store


def keep(name: str, copy: bytes) -> bool:
    """Keep a copy (one round trip); false where Redis does not take it."""
    try:
        ask_store("HSET", keys.view_schemas(), name, copy)
    except RedisError:
        return False
    return True


def find(name: str) -> bytes | None:
    """A copy (one round trip); None where there is none or Redis does not answer."""
    try:
        found: bytes | None = ask_store("HGET", keys.view_schemas(), name)
    except RedisError:
        return None
    return found
