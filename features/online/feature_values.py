"""Online features: one packed string a key, for one entity and one version of a view (docs/redis-keys.md)."""

from collections.abc import Iterable, Sequence

from redis.exceptions import RedisError

from .connection import ask_store, run_script
from .errors import plainly, told_plainly

CHUNK = 500
MOST = 5_000  # keys that one command may keep the server busy with
FOR_GOOD = 0

# KEYS: rows. ARGV: for each its bytes and when it ends (ms since 1970; 0: never). An older event leaves
# what stands, and so does one of the same time that was recorded earlier. Event time and time of writing
# are at byte 5 (features/packing.py).
PUT = """
local newer = 0
for i, key in ipairs(KEYS) do
  local blob, ends = ARGV[2 * i - 1], ARGV[2 * i]
  local stands = redis.call('GETRANGE', key, 5, 20)
  local is_newer = #stands < 16
  if not is_newer then
    local event, written = struct.unpack('>i8i8', stands)
    local new_event, new_written = struct.unpack('>i8i8', blob, 6)
    is_newer = event < new_event or (event == new_event and written <= new_written)
  end
  if is_newer then
    if ends == '0' then redis.call('SET', key, blob)
    else redis.call('SET', key, blob, 'PXAT', ends) end
    newer = newer + 1
  end
end
return newer
"""


def put(rows: Iterable[tuple[str, bytes, int]]) -> int:
    """Keep packed rows (key, bytes, end in ms or ``FOR_GOOD``) where none of a newer event stands.

    One round trip each 5,000 rows; a script call for each 500, each atomic.

    Returns:
        How many were kept.

    Raises:
        StoreUnavailableError: Redis is away or full; any chunk may have been kept, so write all again.
    """
    found = list(rows)
    kept = 0
    with told_plainly():
        for start in range(0, len(found), MOST):
            end = min(start + MOST, len(found))
            calls = [_call(found[first : min(first + CHUNK, end)]) for first in range(start, end, CHUNK)]
            kept += sum(run_script(PUT, calls))
    return kept


def fetch(keys: Sequence[str]) -> list[bytes | None]:
    """Packed rows in the keys' order, None where there is none (one round trip each 5,000).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    found: list[bytes | None] = []
    try:
        for start in range(0, len(keys), MOST):
            found += ask_store("MGET", *keys[start : start + MOST])
    except RedisError as error:
        raise plainly(error) from error
    return found


def delete(keys: Sequence[str]) -> int:
    """Forget rows (one round trip); returns how many there were.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    if not keys:
        return 0
    with told_plainly():
        return int(ask_store("UNLINK", *keys))


def _call(rows: Sequence[tuple[str, bytes, int]]) -> tuple[list[str], list[bytes | int]]:
    return [key for key, _, _ in rows], [part for _, blob, ends in rows for part in (blob, ends)]
