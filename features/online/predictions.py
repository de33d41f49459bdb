"""Predictions that were computed before, and the right to compute those that were not.

A key names all that an answer depends on (model version, entity, version of the features), so no answer is
ever stale; the lease beside it only lets one process compute what many ask for.
"""

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from features import keys as names
from features.caches import PREDICTIONS

from .cache_counts import count
from .connection import cache

# A lease lies beside its key, on the same node: it has the same hash tag.
# → for each key its value; 1: the lease is the caller's; 0: it is another's
LOOK_UP = """
local found = {}
for i, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  if value then found[i] = value
  elseif redis.call('SET', key .. ':lease', ARGV[1], 'NX', 'EX', ARGV[2]) then found[i] = 1
  else found[i] = 0 end
end
return found
"""
# ARGV: token, seconds, a value a key (none where the computing failed).
FILL = """
for i, key in ipairs(KEYS) do
  if ARGV[i + 2] then redis.call('SET', key, ARGV[i + 2], 'EX', ARGV[2]) end
  if redis.call('GET', key .. ':lease') == ARGV[1] then redis.call('DEL', key .. ':lease') end
end
"""
OURS = 1


@dataclass(frozen=True)
class Lookups:
    """What the cache said.

    Attributes:
        values: by key, of those that it has.
        ours: the keys that the caller is to compute and fill, with ``token``.
        is_away: the cache did not answer: everybody computes.
    """

    values: Mapping[str, bytes]
    ours: frozenset[str] = frozenset()
    token: str = ""
    is_away: bool = False


def look_up(keys: Sequence[str]) -> Lookups:
    """Ask for answers, and for leases on those that are not there (one round trip)."""
    token = secrets.token_hex(8)
    try:
        found: list[Any] = cache().eval(LOOK_UP, len(keys), *keys, token, names.LEASE_SECONDS)
    except RedisError:
        count(PREDICTIONS.name, errors=1)
        return Lookups({}, is_away=True)
    values = {key: value for key, value in zip(keys, found, strict=True) if isinstance(value, bytes)}
    ours = frozenset(key for key, value in zip(keys, found, strict=True) if value == OURS)
    count(PREDICTIONS.name, redis=len(values), waits=len(keys) - len(values) - len(ours))
    return Lookups(values, ours, token)


def peek(keys: Sequence[str]) -> dict[str, bytes]:
    """The answers that are there by now (one round trip)."""
    try:
        found: list[Any] = cache().mget(keys)
    except RedisError:
        return {}
    values = {key: value for key, value in zip(keys, found, strict=True) if value is not None}
    count(PREDICTIONS.name, redis=len(values))
    return values


def fill(answers: Mapping[str, bytes], token: str) -> None:
    """Keep answers and end their leases (one round trip); a cache that is away keeps nothing."""
    spread = int(names.PREDICTION_SECONDS * random.uniform(0.9, 1.0))  # noqa: S311 (not to expire together)
    if _end(list(answers), token, spread, *answers.values()):
        count(PREDICTIONS.name, fills=len(answers))


def give_up(keys: Sequence[str], token: str) -> None:
    """End leases without an answer, so that the next who asks computes (one round trip)."""
    _end(keys, token, 0)


def _end(keys: Sequence[str], token: str, *arguments: Any) -> bool:
    """Whether the cache took it."""
    try:
        cache().eval(FILL, len(keys), *keys, token, *arguments)
    except RedisError:
        count(PREDICTIONS.name, errors=1)
        return False
    return True
