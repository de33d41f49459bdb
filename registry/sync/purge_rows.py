"""Deleting runs for good: their rows at once, everything elsewhere promised in the same transaction.

MongoDB's documents become tombstones with a version of their own, so that whatever comes late can't
bring one back; housekeeping deletes those after a week.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from registry.enums import OutboxTarget
from registry.models import Artifact, BodyPart, TrainingRun

from .artifact_target import promise_sweep
from .audit import record
from .bodies import checksum
from .mongodb_target import CONFIGS_OF_RUN
from .outbox import RUN_CHANGED, Debt, Part, owe

TOMBSTONE = "tombstone"
DELETE_SECONDS = 600  # a run may have millions of points
POINTS = """
DELETE FROM registry_metricpoint
WHERE metric_id IN (SELECT id FROM registry_metric WHERE run_id = ANY(%(ids)s))
"""
# in the order of the references
DELETES = (
    POINTS,
    *(
        f"DELETE FROM registry_{table} WHERE run_id = ANY(%(ids)s)"  # noqa: S608 (made of constants)
        for table in ("metric", "param", "runtag", "runinput", "artifact")
    ),
    "UPDATE registry_trainingrun SET parent_id = NULL WHERE parent_id = ANY(%(ids)s)",
    "DELETE FROM registry_trainingrun WHERE id = ANY(%(ids)s)",
)


def purge_runs(runs: Sequence[TrainingRun]) -> None:
    """Delete runs, which the caller has locked, with everything of theirs, in the running transaction."""
    ids = [run.pk for run in runs]
    digests = set(Artifact.objects.filter(run__in=ids).values_list("sha256", flat=True))
    for run in runs:
        _bury(run)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{DELETE_SECONDS}s'")
        cursor.execute(";\n".join(DELETES), {"ids": ids})
    promise_sweep(sorted(digests))


def bury(*, collection: str, document_id: str, owner_id: str, version: int, rest: dict[str, Any]) -> None:
    """Put a tombstone in a document's place, and owe it to MongoDB.

    Args:
        rest: the fields that the collection's validator asks for.
    """
    buried = {"deleted": True, "purged_at": timezone.now()}
    payload = Part(TOMBSTONE, rest | buried).packed()
    document = {"collection": collection, "document_id": document_id, "owner_id": owner_id}
    BodyPart.objects.filter(collection=collection, document_id=document_id).delete()
    BodyPart.objects.create(
        **document, part=TOMBSTONE, version=version, payload=payload,
        checksum=checksum(TOMBSTONE, version, payload),
    )  # fmt: skip
    owe([Debt(OutboxTarget.MONGODB, collection, owner_id, version, document_id)])


def _bury(run: TrainingRun) -> None:
    version = run.version + 1
    documents = BodyPart.objects.filter(owner_id=run.run_id).values_list("collection", "document_id")
    for collection, document_id in documents.distinct().order_by("collection", "document_id"):
        rest = _body_rest(run) if collection == "runs" else _log_rest(document_id)
        bury(collection=collection, document_id=document_id, owner_id=run.run_id, version=version, rest=rest)
    owe(
        [
            Debt(OutboxTarget.MONGODB, CONFIGS_OF_RUN, run.run_id, version, run.run_id),
            Debt(OutboxTarget.REDIS, RUN_CHANGED, run.run_id, version),
        ]
    )
    record(action="run.purge", subject_id=run.run_id, details={"name": run.name})


def _body_rest(run: TrainingRun) -> dict[str, Any]:
    return {"experiment_id": run.experiment.experiment_id, "started_at": run.started_at}


def _log_rest(document_id: str) -> dict[str, Any]:
    run_id, kind, bucket = document_id.split(":")
    return {"run_id": run_id, "kind": kind, "bucket": int(bucket), "entries": {}}
