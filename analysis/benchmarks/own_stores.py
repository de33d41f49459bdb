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
def stores_of_their_own(*, is_migrated: bool = True) -> Iterator[None]:
    """Fresh databases in PostgreSQL and MongoDB, keys with another prefix, empty folders.

    Args:
        is_migrated: whether the platform's tables and collections are there; else the databases are bare.
    """
    real = (mongodb.database_name(), settings.REDIS_KEY_PREFIX, settings.ARTIFACT_ROOT)
    archives = settings.ARCHIVE_ROOT
    with database_of_its_own(is_migrated=is_migrated), tempfile.TemporaryDirectory() as folder:
        _use(real[0] + SUFFIX, real[1] + SUFFIX, Path(folder))
        try:
            _clear()
            for _ in collections.create_collections() if is_migrated else ():
                pass
            yield
        finally:
            _clear()
            _use(*real)
            settings.ARCHIVE_ROOT = archives


def _use(database: str, prefix: str, artifacts: Path) -> None:
    settings.MONGODB_DATABASE, settings.REDIS_KEY_PREFIX = database, prefix
    settings.ARTIFACT_ROOT, settings.ARCHIVE_ROOT = artifacts, artifacts / "archive"


def _clear() -> None:
    """Only what was made for the measurement: both refuse other names."""
    mongodb.drop_database(suffix=SUFFIX)
    redis.delete_keys(prefix=settings.REDIS_KEY_PREFIX)
