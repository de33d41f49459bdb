"""Redis's failures told in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from redis.exceptions import RedisError

from registry.exceptions import StoreUnavailableError


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the driver's errors into one that says what to do.

    Raises:
        StoreUnavailableError: Redis did not answer in time.
    """
    try:
        yield
    except RedisError as error:
        raise StoreUnavailableError("Redis does not answer. Run `manage.py doctor` to see why.") from error
