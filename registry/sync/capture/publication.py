"""Publications: which tables PostgreSQL tells a consumer's slot of.

A publication must be there before its slot: PostgreSQL looks it up as of the change that it decodes.
"""

from collections.abc import Sequence

from django.db import connection, transaction
from psycopg2 import sql

FOUND = """
SELECT (SELECT array_agg(t.tablename::text ORDER BY t.tablename::text COLLATE "C")
    FROM pg_publication_tables t WHERE t.pubname = p.pubname), pubviaroot
FROM pg_publication p WHERE pubname = %s
"""
# Rows of a partition are told of as its parent's.
VIA_ROOT = "publish_via_partition_root = true"


def is_published(name: str, tables: Sequence[str]) -> bool:
    """Whether the publication is of exactly these tables of schema ``public``."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [name])
        return bool(cursor.fetchone() == (sorted(tables), True))


def publish(name: str, tables: Sequence[str]) -> None:
    """Make the publication, or make it anew; slots made before have not heard of what is new in it."""
    listed = sql.SQL(", ").join(sql.Identifier("public", table) for table in sorted(tables))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))
        statement = sql.SQL("CREATE PUBLICATION {} FOR TABLE {} WITH ({})")
        cursor.execute(statement.format(sql.Identifier(name), listed, sql.SQL(VIA_ROOT)))


def unpublish(name: str) -> None:
    """Drop a publication, where there is one."""
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))
