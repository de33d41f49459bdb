"""Counters: for each minute a hash, name → how often. Statistics, and no record of anything."""

import time
from collections.abc import Mapping
from functools import cache as once

from redis.commands.core import Script
from redis.exceptions import RedisError

from features import keys
from registry.counting import CarrierAwayError

from .connection import store
from .errors import told_plainly

# KEYS: the minute, the batch. ARGV: seconds that the minute lives, seconds that a batch is remembered,
# then name and amount in turn. A batch that comes again adds nothing.
ADD = """
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[2]) then return 0 end
for place = 3, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[place], ARGV[place + 1]) end
redis.call('EXPIRE', KEYS[1], ARGV[1])
return 1
"""


def increment(amounts: Mapping[str, int], *, batch: str) -> bool:
    """Add to this minute's counters, all or none (one round trip).

    Args:
        batch: names this call, so that repeating it after a failure adds nothing twice.

    Returns:
        Whether it added them; not, where the batch had come before.

    Raises:
        RedisError: the store did not answer, or is full; they may have been added.
    """
    into = [keys.counts(_minute()), keys.counts_batch(batch)]
    args: list[str | int] = [keys.COUNTS_SECONDS, keys.COUNTS_BATCH_SECONDS]
    for pair in amounts.items():
        args += pair
    return bool(_script()(keys=into, args=args, client=store()))


def counts(*, minutes: int = 60) -> list[dict[str, int]]:
    """The counters of the last minutes, this one first (one round trip).

    Raises:
        StoreUnavailableError: the store does not answer.
    """
    now = _minute()
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        for minute in range(now, now - minutes, -1):
            pipe.hgetall(keys.counts(minute))
        found: list[dict[bytes, bytes]] = pipe.execute()
    return [{name.decode(): int(value) for name, value in each.items()} for each in found]


def carry(batch: str, amounts: Mapping[str, int]) -> None:
    """What :mod:`registry.counting` hands over."""
    try:
        increment(amounts, batch=batch)
    except RedisError as error:
        raise CarrierAwayError(str(error)) from error


def _minute() -> int:
    return int(time.time()) // 60


@once
def _script() -> Script:
    return Script(store(), ADD)
