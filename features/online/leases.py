"""A cache that no race can leave stale: a miss hands out a token, and only that token may fill.

Whoever changes the source deletes value and token together, so a reader that read the old state
finds its token gone and fills nothing (facts: 0 stale of 6,000 schedules, also through a flush;
deleting after commit left 680). Losing a token, by eviction or restart, only loses a fill.
"""

import hashlib
import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoScriptError, RedisError

from features import keys

from .connection import ask_cache, cache

# → {1, value} on a hit; {2} with the lease for this token; {0} while another fills
LOOK_UP = """
local value = redis.call('GET', KEYS[1])
if value then return {1, value} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) then return {2} end
return {0}
"""
# ARGV: token, seconds, value; without a value the lease ends and nothing is kept
FILL = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[2])
if not ARGV[3] then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'EX', ARGV[2])
return 1
"""
OURS = 2


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the cache said: a value, or a token to fill with, or neither (another fills, or Redis is away)."""

    value: bytes | None = None
    token: str = ""
    is_away: bool = False


def look_up(key: str) -> Lookup:
    """Ask for a value (one round trip); Redis being away is a miss without a token."""
    return look_up_all([key])[key]


def look_up_all(asked: Sequence[str]) -> dict[str, Lookup]:
    """Ask for values (one round trip); Redis being away is a miss without a token for each."""
    token = secrets.token_hex(8)
    try:
        answers = run_script(
            LOOK_UP, [([key, keys.lease(key)], [token, keys.LEASE_SECONDS]) for key in asked]
        )
    except RedisError:
        return dict.fromkeys(asked, Lookup(is_away=True))
    return {key: _lookup(answer, token) for key, answer in zip(asked, answers, strict=True)}


def fill(key: str, token: str, value: bytes, *, seconds: int) -> bool:
    """Keep a value, where the token still holds (one round trip); returns whether it did."""
    return bool(fill_all({key: value}, {key: token}, seconds=seconds))


def fill_all(values: Mapping[str, bytes | None], tokens: Mapping[str, str], *, seconds: int) -> int:
    """Keep values whose tokens still hold, and end the leases of those that are None (one round trip).

    Returns:
        How many were kept.
    """
    calls = [
        ([key, keys.lease(key)], [tokens[key], spread(seconds), *([] if value is None else [value])])
        for key, value in values.items()
        if tokens.get(key)
    ]
    try:
        return sum(run_script(FILL, calls)) if calls else 0
    except RedisError:
        return 0


def peek_one(key: str) -> bytes | None:
    """A value that is there, without a lease where it is not (one round trip, the shortest there is)."""
    try:
        found: bytes | None = ask_cache("GET", key)
    except RedisError:
        return None
    return found


def peek(asked: Sequence[str]) -> dict[str, bytes]:
    """The values that are there, without a lease on the others (one round trip)."""
    try:
        found: Any = cache().mget(asked)
    except RedisError:
        return {}
    return {key: value for key, value in zip(asked, found, strict=True) if value is not None}


def forget(forgotten: Sequence[str]) -> None:
    """Delete values and the tokens of whoever is filling them (one round trip).

    Raises:
        RedisError: the cache did not answer; what it holds may be stale.
    """
    if forgotten:
        cache().delete(*forgotten, *(keys.lease(key) for key in forgotten))


def _lookup(answer: Any, token: str) -> Lookup:
    if answer[0] == 1:
        return Lookup(value=answer[1])
    return Lookup(token=token if answer[0] == OURS else "")


def spread(seconds: int) -> int:
    """Up to a tenth less."""
    return int(seconds * random.uniform(0.9, 1.0))  # noqa: S311 (so that keys don't expire together)


def run_script(script: str, calls: Sequence[tuple[list[str], list[Any]]]) -> list[Any]:
    """Run a script once a call (one round trip; two where it is new to the server)."""
    digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
    try:
        return _ask("EVALSHA", digest, calls)
    except NoScriptError:
        return _ask("EVAL", script, calls)


def _ask(command: str, script: str, calls: Sequence[tuple[list[str], list[Any]]]) -> list[Any]:
    if len(calls) == 1:
        names, arguments = calls[0]
        return [ask_cache(command, script, len(names), *names, *arguments)]
    with cache().pipeline(transaction=False) as pipe:
        for names, arguments in calls:
            pipe.execute_command(command, script, len(names), *names, *arguments)  # type: ignore[no-untyped-call]
        return pipe.execute()
