"""Locks on digests: a file is not swept while a row for it is being inserted."""

from django.db import connection

# In order, so that two who want the same never wait for each other.
LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended(sha256, 0))
FROM (SELECT sha256 FROM unnest(%s::text[]) AS d (sha256) ORDER BY sha256) AS sorted
"""


def lock_digest(*digests: str) -> None:
    """Wait for, and hold until the transaction ends, the locks of digests (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [list(digests)])
