"""Whether runs changed since one looked: one cheap statement for any number of them."""

from collections.abc import Collection

from django.db import connection

# Whoever logs a metric writes its row, and every write leaves its transaction's number (xmin) in it.
# So these differ after any change of the run or of its metrics, be it to a point in the past.
STAMPS = """
SELECT r.run_id::text, r.xmin::text, count(m.id), coalesce(sum(m.xmin::text::bigint), 0)
FROM registry_trainingrun r LEFT JOIN registry_metric m ON m.run_id = r.id
WHERE r.run_id = ANY(%s::uuid[]) GROUP BY r.id
"""


def run_stamps(run_ids: Collection[str]) -> dict[str, str]:
    """A word for the state of each run that is there; another word once anything of it changed."""
    if not run_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(STAMPS, [list(run_ids)])
        return {run_id.replace("-", ""): f"{row}.{count}.{metrics}" for run_id, row, count, metrics in cursor}
