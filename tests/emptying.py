"""Emptying the database after a test that commits: the tables that hold rows, by DELETE.

Django's way, TRUNCATE of 47 tables and a new set of permissions, takes 0.2 to 0.8 s a test, this one
a few milliseconds.
"""

from typing import Any

from django.db import connection, transaction

KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def empty_the_database(*_: Any) -> None:
    """Delete every row but those that migrations made."""
    assert "_test" in connection.settings_dict["NAME"]
    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    ask = " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})"  # noqa: S608 (Django's own tables)
        for table in sorted(tables)
    )
    # References are checked at the commit, so the order does not matter.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ask)
        for (table,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608
