"""All stores of their own for one measurement, beside the real ones, and gone afterwards."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from features.online import connection as redis
from registry.documents import collections
from registry.documents import connection as mongodb

from .own_database import database_of_its_own

SUFFIX = "_bench"


@contextmanager
def stores_of_their_own() -> Iterator[None]:
    """Fresh databases in PostgreSQL and MongoDB, keys with another prefix, an empty artifact folder."""
    real = (mongodb.database_name(), settings.REDIS_KEY_PREFIX, settings.ARTIFACT_ROOT)
    with database_of_its_own(), tempfile.TemporaryDirectory() as folder:
        _use(real[0] + SUFFIX, real[1] + SUFFIX, Path(folder))
        try:
            _clear()
            for _ in collections.create_collections():
                pass
            yield
        finally:
            _clear()
            _use(*real)


def _use(database: str, prefix: str, artifacts: Path) -> None:
    settings.MONGODB_DATABASE, settings.REDIS_KEY_PREFIX = database, prefix
    settings.ARTIFACT_ROOT = artifacts


def _clear() -> None:
    """Only what was made for the measurement: both refuse other names."""
    mongodb.drop_database(suffix=SUFFIX)
    redis.delete_keys(prefix=settings.REDIS_KEY_PREFIX)
