"""Deleting runs for good: their rows at once, everything elsewhere promised in the same transaction.

MongoDB's documents become tombstones with a version of their own, so that whatever comes late can't
bring one back; housekeeping deletes those after a week.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from registry.enums import OutboxTarget
from registry.models import Artifact, BodyPart, LoggedModel, TrainingRun

from .artifact_target import promise_sweep
from .audit import record
from .bodies import checksum
from .mongodb_target import CONFIGS_OF_RUN
from .outbox import RUN_CHANGED, Debt, Part, owe

TOMBSTONE = "tombstone"
EMPTY = "empty"
DELETE_SECONDS = 600  # a run may have millions of points
POINTS = """
DELETE FROM registry_metricpoint
WHERE metric_id IN (SELECT id FROM registry_metric WHERE run_id = ANY(%(ids)s))
"""
OF_MODELS = "(SELECT id FROM registry_loggedmodel WHERE {column} = ANY(%(ids)s))"
MODEL_TABLES = (
    ("loggedmodelmetric", "model_id"),
    ("loggedmodelparam", "model_id"),
    ("loggedmodeltag", "model_id"),
    ("runmodel", "model_id"),
    ("artifact", "logged_model_id"),
    ("loggedmodel", "id"),
)


def _model_deletes(column: str) -> tuple[str, ...]:
    """Logged models that a column picks, with all of theirs."""
    picked = OF_MODELS.format(column=column)
    return tuple(
        f"DELETE FROM registry_{table} WHERE {key} IN {picked}"  # noqa: S608 (made of constants)
        for table, key in MODEL_TABLES
    )


# in the order of the references
DELETES = (
    POINTS,
    *_model_deletes("source_run_id"),
    *(
        f"DELETE FROM registry_{table} WHERE run_id = ANY(%(ids)s)"  # noqa: S608 (made of constants)
        for table in (
            "metric",
            "param",
            "runtag",
            "runinput",
            "runnote",
            "loggedmodelmetric",
            "runmodel",
            "artifact",
            "archivedrun",
        )
    ),
    "UPDATE registry_trainingrun SET parent_id = NULL WHERE parent_id = ANY(%(ids)s)",
    "DELETE FROM registry_trainingrun WHERE id = ANY(%(ids)s)",
)


def purge_runs(runs: Sequence[TrainingRun]) -> None:
    """Delete runs, which the caller has locked, with everything of theirs, in the running transaction."""
    ids = [run.pk for run in runs]
    # held, so that no file is added to one in between
    list(LoggedModel.objects.select_for_update(of=("self",)).filter(source_run__in=ids).order_by("pk"))
    files = Artifact.objects.filter(Q(run__in=ids) | Q(logged_model__source_run__in=ids))
    digests = set(files.values_list("sha256", flat=True))
    for run in runs:
        _bury(run)
    _delete(DELETES, ids)
    promise_sweep(sorted(digests))


def purge_logged_models(models: Sequence[LoggedModel]) -> None:
    """Delete logged models, which the caller has locked, with everything of theirs."""
    ids = [model.pk for model in models]
    digests = set(Artifact.objects.filter(logged_model__in=ids).values_list("sha256", flat=True))
    _delete(_model_deletes("id"), ids)
    promise_sweep(sorted(digests))
    for model in models:
        record(action="logged_model.purge", subject_id=model.model_id, details={"name": model.name})


def bury(*, collection: str, document_id: str, owner_id: str, version: int, rest: dict[str, Any]) -> None:
    """Put a tombstone in a document's place, and owe it to MongoDB.

    Args:
        rest: the fields that the collection's validator asks for.
    """
    place = BodyPart(collection=collection, document_id=document_id, owner_id=owner_id)
    _lay(place, TOMBSTONE, version, rest | {"deleted": True, "purged_at": timezone.now()})


def unbury(owner_ids: Sequence[str]) -> dict[str, int]:
    """Take the tombstones of owners away who came back, in the running transaction.

    A bucket of a run's log becomes an empty one, so that what is added to it lies in no tombstone; the body
    is the caller's to promise.

    Returns:
        Owner → the version above which all of its documents begin.
    """
    graves = list(BodyPart.objects.filter(owner_id__in=owner_ids, part=TOMBSTONE).order_by("pk"))
    versions: dict[str, int] = {}
    for grave in graves:
        versions[grave.owner_id] = max(versions.get(grave.owner_id, 0), grave.version + 1)
    # New rows: housekeeping may be about to delete the old ones.
    BodyPart.objects.filter(pk__in=[grave.pk for grave in graves]).delete()
    for grave in graves:
        if grave.collection == "run_logs":
            _lay(grave, EMPTY, grave.version + 1, _log_rest(grave.document_id))
    return versions


def _lay(place: BodyPart, part: str, version: int, values: dict[str, Any]) -> None:
    """Make a part the only one of a document, and owe it to MongoDB."""
    payload = Part(part, values).packed()
    keys = {"collection": place.collection, "document_id": place.document_id}
    BodyPart.objects.filter(**keys).delete()
    BodyPart.objects.create(
        **keys, owner_id=place.owner_id, part=part, version=version, payload=payload,
        checksum=checksum(part, version, payload),
    )  # fmt: skip
    owe([Debt(OutboxTarget.MONGODB, place.collection, place.owner_id, version, place.document_id)])


def _delete(statements: Sequence[str], ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{DELETE_SECONDS}s'")
        cursor.execute(";\n".join(statements), {"ids": ids})


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
