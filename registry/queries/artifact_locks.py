"""Locks on digests: a file is not swept while a row for it is being inserted."""

from django.db import connection


def lock_digest(sha256: str) -> None:
    """Wait for, and hold until the transaction ends, the lock of a digest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
