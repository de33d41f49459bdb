"""One archiving at a time, and what an earlier one left is taken on first."""

from contextlib import AbstractContextManager

from registry.postgres.one_at_a_time import one_at_a_time

LOCK = 0x61726368  # "arch"


def alone() -> AbstractContextManager[None]:
    """Hold the lock that PostgreSQL lets go when this process dies.

    Raises:
        ConflictError: another process archives or restores, as the context is entered.
    """
    return one_at_a_time(LOCK, otherwise="Another command archives or restores. Wait until it has ended.")
