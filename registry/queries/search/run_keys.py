"""Which metrics, params and tags runs have."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

MOST_OF_A_RUN = 200
"""A run with thousands of keys tells its first ones, so that no page waits for them."""

OF_A_RUN = """SELECT '{kind}' AS kind, x.key, x.value FROM registry_trainingrun r CROSS JOIN LATERAL (
    SELECT key, {value} AS value FROM {table} WHERE run_id = r.id ORDER BY key LIMIT %(most)s) x
    WHERE r.run_id = ANY(%(runs)s::uuid[])"""
PARTS = (
    ("metric", "latest_value::text", "registry_metric"),
    ("param", "md5(value)", "registry_param"),
    ("tag", "md5(value)", "registry_runtag"),
)
KEYS = """SELECT kind, key, count(*), count(DISTINCT value) FROM ({parts}) k
    GROUP BY kind, key ORDER BY kind, key""".format(  # noqa: S608 (made of constants)
    parts=" UNION ALL ".join(
        OF_A_RUN.format(kind=kind, value=value, table=table) for kind, value, table in PARTS
    )
)


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that at least one of the runs has.

    Attributes:
        kind: ``metric``, ``param`` or ``tag``.
        is_differing: the runs differ in its value, or some lack it.
    """

    kind: str
    key: str
    is_differing: bool


def keys_of(run_ids: Sequence[str]) -> list[KnownKey]:
    """The keys of these runs by kind and name, 200 of each kind and run at most (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(KEYS, {"runs": list(run_ids), "most": MOST_OF_A_RUN})
        found = cursor.fetchall()
    return [
        KnownKey(kind, key, is_differing=values > 1 or runs < len(run_ids))
        for kind, key, runs, values in found
    ]
