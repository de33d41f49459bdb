"""Work of which one may be under way, here or elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

from registry.exceptions import ConflictError


@contextmanager
def one_at_a_time(lock: int | tuple[int, int], *, otherwise: str) -> Iterator[None]:
    """Hold a lock of the session, which PostgreSQL gives back when the process dies.

    Args:
        lock: a number of its own, below 2**63; or one of a kind of work and one of its object, each below
            2**31 (PostgreSQL keeps the two kinds of locks apart).
        otherwise: what to tell where somebody else holds it.

    Raises:
        ConflictError: somebody else does.
    """
    numbers = lock if isinstance(lock, tuple) else (lock,)
    places = ", ".join("%s" for _ in numbers)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_lock({places})", numbers)
        if not cursor.fetchone()[0]:
            raise ConflictError(otherwise)
    try:
        yield
    finally:
        # Where the session is gone so is its lock; the work's own error is the one to tell.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({places})", numbers)
