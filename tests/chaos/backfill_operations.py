"""What a child of the zygote may be told to do about backfills."""

from typing import Any

from django.db import connection

from registry.documents.connection import collection
from registry.models import Backfill, BodyPart, OutboxEntry
from registry.sync.backfill_check import Verification, verify
from registry.sync.backfill_choice import Choice
from registry.sync.backfill_runs import Migrated, Resumed, migrate

EMPTY = "TRUNCATE registry_trainingrun, registry_bodypart, registry_outboxentry, registry_backfill CASCADE"
FILL = """
INSERT INTO registry_experiment (experiment_id, name, description, lifecycle, artifact_location, version,
    body_version, created_at, updated_at)
VALUES (md5('backfill'), 'backfill', '', 'active', '', 1, 1, now(), now()) ON CONFLICT DO NOTHING;
INSERT INTO registry_trainingrun (run_id, experiment_id, name, model_name, framework, status, lifecycle,
    accuracy, started_at, ended_at, failure_reason, version, body_version, body_bytes, created_at, updated_at)
SELECT md5('r' || n)::uuid, e.id, 'run-' || n, '', '', 'FINISHED', 'active', 0.5, now(), now(), '', 1, 0, 0,
    now(), now()
FROM registry_experiment e, generate_series(1, %(runs)s) n WHERE e.name = 'backfill';
INSERT INTO registry_param (run_id, key, value, value_number)
SELECT id, 'lr', '0.1', 0.1 FROM registry_trainingrun;
"""


def fill(*, runs: int) -> list[str]:
    """Runs by plain SQL, with no body anywhere; returns their ids in the order of their keys."""
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
        cursor.execute(FILL, {"runs": runs})
        cursor.execute("SELECT replace(run_id::text, '-', '') FROM registry_trainingrun ORDER BY id")
        ids = [run_id for (run_id,) in cursor.fetchall()]
    for name in ("runs", "run_logs"):
        collection(name).delete_many({})
    return ids


def walk(*, batch: int, again: bool = False) -> dict[str, Any]:
    """The whole walk: what it did, and where it went on from."""
    first, *_, migrated = migrate(Choice(is_again=again), batch=batch)
    if not isinstance(migrated, Migrated):
        raise TypeError("A walk ends with what it did.")
    names = ("total", "looked_at", "made", "sent_again", "is_verified")
    told = {name: getattr(migrated.backfill, name) for name in names}
    return told | {"resumed_at": first.looked_at if isinstance(first, Resumed) else None}


def told() -> dict[str, Any]:
    """How the stores stand."""
    *_, verification = verify(Choice().runs())
    if not isinstance(verification, Verification):
        raise TypeError("A comparison ends with what it found.")
    found = collection("runs").find({}, {"params": 1, "tags": 1, "custom": 1, "metrics": 1})
    return {
        "is_good": verification.is_good,
        "documents": {each.pop("_id"): each for each in found},
        "parts": BodyPart.objects.filter(collection="runs", part="start").count(),
        "owed": OutboxEntry.objects.count(),
    }


def looked_at() -> int:
    """How far the walk is that was begun last."""
    walked = Backfill.objects.order_by("-pk").first()
    return walked.looked_at if walked else 0


BACKFILL_OPERATIONS = {
    "backfill_fill": fill,
    "backfill_walk": walk,
    "backfill_told": told,
    "backfill_looked_at": looked_at,
}
