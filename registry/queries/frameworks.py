"""The frameworks that runs name."""

from django.db import connection

MOST_NAMES = 500

# Jumps from one framework to the next in the index run_by_framework: a DISTINCT would read a
# million entries to find ten names.
FRAMEWORKS = """
WITH RECURSIVE each AS (
    (SELECT framework FROM registry_trainingrun ORDER BY framework LIMIT 1)
    UNION ALL
    SELECT (SELECT r.framework FROM registry_trainingrun r
            WHERE r.framework > each.framework ORDER BY r.framework LIMIT 1)
    FROM each WHERE each.framework IS NOT NULL
)
SELECT framework FROM each WHERE framework <> '' LIMIT %s
"""


def frameworks_in_use(*, limit: int = MOST_NAMES) -> list[str]:
    """Their names in order, the first ``limit`` (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(FRAMEWORKS, [limit])
        return [str(name) for (name,) in cursor.fetchall()]
