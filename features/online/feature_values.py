"""Online features: one packed string a key, for one entity and one version of a view (docs/redis-keys.md)."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from redis.commands.core import Script

from .connection import store
from .errors import told_plainly

CHUNK = 500
FOR_GOOD = 0

# KEYS: rows. ARGV: for each its bytes and when it ends (ms since 1970; 0: never). An older event leaves
# what stands. The event time is at byte 5 (features/packing.py).
PUT = """
local newer = 0
for i, key in ipairs(KEYS) do
  local blob, ends = ARGV[2 * i - 1], ARGV[2 * i]
  local event = redis.call('GETRANGE', key, 5, 12)
  if #event < 8 or struct.unpack('>i8', event) <= struct.unpack('>i8', blob, 6) then
    if ends == '0' then redis.call('SET', key, blob)
    else redis.call('SET', key, blob, 'PXAT', ends) end
    newer = newer + 1
  end
end
return newer
"""


@functools.cache
def _put() -> Script:
    return store().register_script(PUT)


def put(rows: Iterable[tuple[str, bytes, int]]) -> int:
    """Keep packed rows (key, bytes, end in ms or ``FOR_GOOD``) where none of a newer event stands.

    One round trip; a script call for each 500 rows, each atomic.

    Returns:
        How many were kept.

    Raises:
        StoreUnavailableError: Redis is away or full; any chunk may have been kept, so write all again.
    """
    found = list(rows)
    with told_plainly(), store().pipeline(transaction=False) as pipe:
        for start in range(0, len(found), CHUNK):
            chunk = found[start : start + CHUNK]
            arguments = [part for _, blob, ends in chunk for part in (blob, ends)]
            _put()(keys=[key for key, _, _ in chunk], args=arguments, client=pipe)
        return sum(pipe.execute())


def fetch(keys: Sequence[str]) -> list[bytes | None]:
    """Packed rows in the keys' order, None where there is none (one round trip).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    if not keys:
        return []
    with told_plainly():
        found: Any = store().mget(keys)
    return list(found)


def delete(keys: Sequence[str]) -> int:
    """Forget rows (one round trip); returns how many there were.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    if not keys:
        return 0
    with told_plainly():
        return int(store().unlink(*keys))
