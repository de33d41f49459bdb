"""Owing a store once more what it should have: rows of the outbox, which delivery applies."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction

from registry.enums import OutboxStatus, OutboxTarget
from registry.sync.outbox import RUN_CHANGED

from .drift import Finding
from .heads import owner_of

# A delivery that was given up is tried once more, with its history; nothing is owed twice.
AGAIN = f"""
UPDATE registry_outboxentry SET status = {OutboxStatus.DUE.value}, attempts = 0, next_at = now()
WHERE status = {OutboxStatus.PARKED.value} AND target = %(target)s AND topic = %(topic)s
    AND aggregate_id = ANY(%(owners)s) AND document_id = ANY(%(documents)s)
"""  # noqa: S608 (made of constants)
OWE = f"""
INSERT INTO registry_outboxentry
    (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
SELECT %(target)s, %(topic)s, owner, document, version, 0, {OutboxStatus.DUE.value}, now(), ''
FROM unnest(%(owners)s::text[], %(documents)s::text[], %(versions)s::int4[])
    AS owed (owner, document, version)
WHERE NOT EXISTS (SELECT FROM registry_outboxentry o WHERE o.aggregate_id = owner
    AND o.document_id = document AND o.target = %(target)s AND o.topic = %(topic)s
    AND o.status = {OutboxStatus.DUE.value})
"""  # noqa: S608 (made of constants)


def promise_documents(collection: str, findings: Sequence[Finding]) -> None:
    """Owe MongoDB these documents, as they stand when they are delivered."""
    documents = [each.subject for each in findings]
    _promise(OutboxTarget.MONGODB, collection, [owner_of(each) for each in documents], documents)


def promise_runs(run_versions: dict[str, int]) -> None:
    """Owe Redis what it serves of these runs; a version counts only for a run that is gone."""
    runs = list(run_versions)
    _promise(OutboxTarget.REDIS, RUN_CHANGED, runs, [""] * len(runs), list(run_versions.values()))


def _promise(
    target: OutboxTarget,
    topic: str,
    owners: Sequence[str],
    documents: Sequence[str],
    versions: Sequence[int] = (),
) -> None:
    if not owners:
        return
    values: dict[str, Any] = {
        "target": target.value,
        "topic": topic,
        "owners": list(owners),
        "documents": list(documents),
    }
    values["versions"] = list(versions) or [0] * len(owners)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(AGAIN, values)
        cursor.execute(OWE, values)
