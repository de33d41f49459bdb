"""Copies of the views' schemas, for while PostgreSQL is away."""

from redis.exceptions import RedisError

from features import keys

from .connection import store


def keep(copies: dict[str, bytes]) -> None:
    """Keep copies by name (one round trip), where Redis answers."""
    try:
        store().hset(keys.view_schemas(), mapping=copies)  # type: ignore[arg-type] # bytes are values, too
    except RedisError:
        return


def find(name: str) -> bytes | None:
    """A copy (one round trip); None where there is none or Redis does not answer."""
    try:
        found: bytes | None = store().hget(keys.view_schemas(), name)  # type: ignore[assignment]
    except RedisError:
        return None
    return found
