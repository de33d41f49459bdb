"""Profiles: hashes of a few fields, written with their time to live in one step, under a lease.

The lease is that of ``leases``: whoever changes the source deletes hash and token after the commit.
"""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from redis.exceptions import RedisError

from features import keys
from features.caches import PROFILES

from . import leases
from .cache_counts import count
from .leases import run_script, spread

# → {1, field, value, …} on a hit; {2} with the lease for this token; {0} while another fills
LOOK_UP = """
local found = redis.call('HGETALL', KEYS[1])
if #found > 0 then return {1, unpack(found)} end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'EX', ARGV[2]) then return {2} end
return {0}
"""
# ARGV: token, seconds, then field and value in turn; without fields the lease ends and nothing is kept
FILL = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
if #ARGV < 4 then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
HIT, OURS = 1, 2


@dataclass(frozen=True, slots=True)
class ProfileLookup:
    """The fields, empty where the profile is not there; then perhaps a token to fill it with.

    ``is_away``: Redis did not answer.
    """

    fields: dict[str, str] = field(default_factory=dict)
    token: str = ""
    is_away: bool = False


def look_up(customer_id: str) -> ProfileLookup:
    """Ask for a profile (one round trip); Redis being away is a miss without a token."""
    key, token = keys.profile(customer_id), secrets.token_hex(8)
    try:
        (answer,) = run_script(LOOK_UP, [([key, keys.lease(key)], [token, keys.LEASE_SECONDS])])
    except RedisError:
        count(PROFILES.name, misses=1, errors=1)
        return ProfileLookup(is_away=True)
    if answer[0] == HIT:
        count(PROFILES.name, redis=1)
        texts = [each.decode() for each in answer[1:]]
        return ProfileLookup(dict(zip(texts[::2], texts[1::2], strict=True)))
    count(PROFILES.name, misses=1)
    return ProfileLookup(token=token if answer[0] == OURS else "")


def fill(customer_id: str, token: str, fields: Mapping[str, str]) -> bool:
    """Keep a profile for its time, where the token still holds (one round trip); returns whether it did.

    Args:
        fields: without any, the lease ends and nothing is kept.
    """
    if not token:
        return False
    key = keys.profile(customer_id)
    words = [part for pair in fields.items() for part in pair]
    try:
        (kept,) = run_script(FILL, [([key, keys.lease(key)], [token, spread(PROFILES.seconds), *words])])
    except RedisError:
        return False
    count(PROFILES.name, fills=kept, refused=int(bool(fields)) - kept)
    return bool(kept)


def forget(customer_ids: Sequence[str]) -> None:
    """Forget profiles, also those with predictions, after a change (one round trip).

    What Redis could not be told of ends with its time.
    """
    with suppress(RedisError):
        named = (keys.profile, keys.profile_answer)
        leases.forget([name(customer_id) for customer_id in customer_ids for name in named])
