"""Whether the store has all features that were ever brought to it: an emptied one answers, with nothing."""

import secrets

from features import keys

from .connection import ask_store, run_script
from .errors import told_plainly

WHOLE = b"whole"

# KEYS: the marker. ARGV: who fills the store. Whoever begins last is believed: the store may have been
# emptied once more since another one began.
BEGIN = f"""
if redis.call('GET', KEYS[1]) == '{WHOLE.decode()}' then return 0 end
redis.call('SET', KEYS[1], ARGV[1])
return 1
"""
END = f"""
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], '{WHOLE.decode()}')
return 1
"""


def is_whole() -> bool:
    """Whether nothing was lost since the store was filled (one round trip).

    Raises:
        StoreUnavailableError: Redis does not answer.
    """
    with told_plainly():
        return bool(ask_store("GET", keys.features_whole()) == WHOLE)


def begin() -> str | None:
    """Say that the store is being filled (one round trip); None where it is whole, else for :func:`end`.

    Raises:
        StoreUnavailableError: Redis does not answer, or is full.
    """
    token = secrets.token_hex(8)
    with told_plainly():
        (is_ours,) = run_script(BEGIN, [([keys.features_whole()], [token])])
    return token if is_ours else None


def end(token: str) -> bool:
    """Say that it is filled (one round trip); false where it was emptied, or filled anew, meanwhile.

    Raises:
        StoreUnavailableError: Redis does not answer, or is full.
    """
    with told_plainly():
        (is_noted,) = run_script(END, [([keys.features_whole()], [token])])
    return bool(is_noted)
