"""A PostgreSQL database for one measurement, so that no benchmark touches the record."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import connection


@contextmanager
def database_of_its_own(*, is_migrated: bool = True) -> Iterator[None]:
    """A fresh PostgreSQL database beside the real one, with the platform's tables, dropped afterwards."""
    database = connection.settings_dict
    real, bench = database["NAME"], f"{database['NAME']}_bench"
    _admin_sql(f'DROP DATABASE IF EXISTS "{bench}" WITH (FORCE)')
    _admin_sql(f'CREATE DATABASE "{bench}"')
    connection.close()
    database["NAME"] = bench
    try:
        if is_migrated:
            call_command("migrate", verbosity=0, interactive=False)
        yield
    finally:
        connection.close()
        database["NAME"] = real
        _admin_sql(f'DROP DATABASE IF EXISTS "{bench}" WITH (FORCE)')


def _admin_sql(statement: str) -> None:
    with connection._nodb_cursor() as cursor:  # noqa: SLF001
        cursor.execute(statement)
