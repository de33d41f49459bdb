"""Redis's failures told in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import OutOfMemoryError, RedisError

from registry.exceptions import StoreUnavailableError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the driver's errors into one that says what to do.

    Raises:
        StoreUnavailableError: Redis did not answer in time, or takes no writes.
    """
    try:
        yield
    except RedisError as error:
        raise plainly(error) from error


def plainly(error: RedisError) -> StoreUnavailableError:
    """The driver's error as one that says what to do."""
    if isinstance(error, OutOfMemoryError) or any(word in str(error) for word in ("OOM", "MISCONF")):
        problem = "Redis takes no writes: its memory or its disk is full."
    else:
        problem = "Redis does not answer."
    return StoreUnavailableError(f"{problem} Run `manage.py doctor` to see why.")
