"""Deleted tags and params tell change capture which run they were of.

By default a deleted row tells its primary key alone. Both tables are hardly ever updated, so the old row
in the log costs next to nothing; metrics are updated all the time, and stay as they were.
"""

from django.db import migrations

TABLES = ("registry_runtag", "registry_param")


def identity(which: str) -> list[str]:
    return [f"ALTER TABLE {table} REPLICA IDENTITY {which}" for table in TABLES]


class Migration(migrations.Migration):
    dependencies = [("registry", "0014_dual_write")]
    operations = [migrations.RunSQL(identity("FULL"), identity("DEFAULT"))]
