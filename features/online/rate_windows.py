"""Sliding windows for all processes: one small hash each, slot → how much was granted in it.

On the server that may evict: a flood of addresses must not fill the one that may not, and a window that
is forgotten is bounded by what each process counts itself (``registry.limits``).
"""

from functools import cache as once
from typing import Any

from redis.commands.core import Script
from redis.exceptions import RedisError

from features import keys
from registry.limits.ledger import Grant, LedgerAwayError, Window

from .connection import cache

# KEYS: the window. ARGV: limit, wanted, a slot's ms, slots that count, how much is put back, its slot.
# By the server's clock, so that processes need not agree. → {granted, slot, ms until the oldest slot leaves}
TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local length, counted = tonumber(ARGV[3]), tonumber(ARGV[4])
local slot = math.floor(now / length)
local used, oldest, back = 0, slot, tonumber(ARGV[5])
local held = redis.call('HGETALL', KEYS[1])
for place = 1, #held, 2 do
  local each, amount = tonumber(held[place]), tonumber(held[place + 1])
  if back > 0 and held[place] == ARGV[6] then
    amount = amount - math.min(amount, back)
    redis.call('HSET', KEYS[1], held[place], amount)
  end
  if each <= slot - counted or amount == 0 then
    redis.call('HDEL', KEYS[1], held[place])
  else
    used = used + amount
    if each < oldest then oldest = each end
  end
end
local granted = math.max(0, math.min(tonumber(ARGV[2]), tonumber(ARGV[1]) - used))
if granted > 0 then
  redis.call('HINCRBY', KEYS[1], slot, granted)
  redis.call('PEXPIRE', KEYS[1], counted * length)
end
return {granted, slot, (oldest + counted) * length - now}
"""


class RedisLedger:
    """The ledger that :mod:`registry.limits` asks."""

    def take(self, window: Window, *, wanted: int, returned: int = 0, returned_slot: int = 0) -> Grant:
        """One script (one round trip); see :class:`registry.limits.ledger.Ledger`."""
        asked = (
            window.limit, wanted, window.slot_seconds * 1_000, window.slot_count, returned, returned_slot,
        )  # fmt: skip
        try:
            granted, slot, wait_ms = self._ask(window.name, asked)
        except RedisError as error:
            raise LedgerAwayError(str(error)) from error
        return Grant(granted, slot, wait_ms / 1_000)

    def _ask(self, name: str, asked: tuple[int, ...]) -> Any:
        return _script()(keys=[keys.rate_window(name)], args=asked, client=cache())


@once
def _script() -> Script:
    return Script(cache(), TAKE)
