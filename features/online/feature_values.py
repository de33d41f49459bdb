"""Online features: one packed string a key, for one entity and one version of a view (docs/redis-keys.md)."""

from collections.abc import Iterable, Iterator, Sequence

from redis.exceptions import RedisError

from registry.exceptions import BadInputError

from .connection import ask_store, run_script
from .errors import plainly, told_plainly

CHUNK = 500
MOST = 5_000  # keys that one command may keep the server busy with
MOST_BYTES = 1 << 26  # of a reply, and of all that a request reads
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


def fetch(keys: Sequence[str], *, widest: int) -> list[bytes | None]:
    """Packed rows in the keys' order, None where there is none.

    One round trip each 5,000; each 1,024 where rows may have 64 KB.

    Args:
        widest: bytes that a row may have.

    Raises:
        BadInputError: they are more than 64 MB together.
        StoreUnavailableError: Redis does not answer.
    """
    found: list[bytes | None] = []
    size, may_be_large = 0, len(keys) * widest > MOST_BYTES
    for part in fetch_parts(keys, widest=widest):
        if may_be_large:
            size += sum(len(blob) for blob in part if blob is not None)
            if size > MOST_BYTES:
                raise BadInputError(
                    f"These rows have more than {MOST_BYTES >> 20} MB; ask for fewer entities at once."
                )
        found += part
    return found


def fetch_parts(keys: Sequence[str], *, widest: int) -> Iterator[list[bytes | None]]:
    """The same without a limit to all, in parts of at most 64 MB.

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    step = min(MOST, max(1, MOST_BYTES // widest))
    try:
        for start in range(0, len(keys), step):
            yield ask_store("MGET", *keys[start : start + step])
    except RedisError as error:
        raise plainly(error) from error


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
