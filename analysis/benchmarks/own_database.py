"""Databases and keys for one measurement, so that no benchmark touches the record."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import override_settings

from features.online.connection import delete_keys
from registry.documents import connection as mongodb
from registry.documents.collections import create_collections


@contextmanager
def database_of_its_own() -> Iterator[None]:
    """A fresh PostgreSQL database beside the real one, dropped afterwards."""
    database = connection.settings_dict
    real, bench = database["NAME"], f"{database['NAME']}_bench"
    _admin_sql(f'DROP DATABASE IF EXISTS "{bench}" WITH (FORCE)')
    _admin_sql(f'CREATE DATABASE "{bench}"')
    connection.close()
    database["NAME"] = bench
    try:
        call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connection.close()
        database["NAME"] = real
        _admin_sql(f'DROP DATABASE IF EXISTS "{bench}" WITH (FORCE)')


@contextmanager
def stores_of_their_own() -> Iterator[None]:
    """Fresh databases in PostgreSQL and MongoDB and keys in Redis, all gone afterwards."""
    name, prefix = mongodb.database_name(), settings.REDIS_KEY_PREFIX
    changed = {"MONGODB_DATABASE": f"{name}_bench", "REDIS_KEY_PREFIX": f"{prefix}_bench"}
    with override_settings(**changed), database_of_its_own():
        _clear()
        for _ in create_collections():
            pass
        try:
            yield
        finally:
            _clear()


def _clear() -> None:
    """Only what ends in ``_bench``."""
    mongodb.drop_database(suffix="_bench")
    delete_keys(prefix=settings.REDIS_KEY_PREFIX)


def _admin_sql(statement: str) -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001
        cursor.execute(statement)
