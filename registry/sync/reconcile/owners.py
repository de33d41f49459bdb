"""The rows that documents belong to, and those without any document of their own."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from registry.enums import Lifecycle
from registry.fields import HEX_ID
from registry.models import Experiment, TrainingRun

WITHOUT_PARTS = {
    "runs": """
        SELECT id FROM (SELECT replace(run_id::text, '-', '') AS id FROM registry_trainingrun
            WHERE lifecycle <> 'purging') AS r
        WHERE NOT EXISTS (SELECT FROM registry_bodypart p WHERE p.collection = 'runs'
            AND p.document_id = r.id)
        """,
    "experiments": """
        SELECT experiment_id FROM registry_experiment e
        WHERE lifecycle <> 'purging' AND NOT EXISTS (SELECT FROM registry_bodypart p
            WHERE p.collection = 'experiments' AND p.document_id = e.experiment_id)
        """,
}


def without_parts(collection: str) -> list[str]:
    """Runs or experiments of whose body PostgreSQL keeps nothing (one statement)."""
    if collection not in WITHOUT_PARTS:
        return []
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_PARTS[collection])
        return [owner_id for (owner_id,) in cursor.fetchall()]


def lifecycles(collection: str, owner_ids: Iterable[str]) -> dict[str, str]:
    """Which of these runs or experiments there are, and how they stand (one statement).

    Of customers none: a customer's document is made of parts alone, so one without any belongs to nobody.
    """
    if collection == "customers":
        return {}
    if collection == "experiments":
        rows = Experiment.objects.filter(experiment_id__in=list(owner_ids))
        return dict(rows.values_list("experiment_id", "lifecycle"))
    known = [owner_id for owner_id in owner_ids if HEX_ID.fullmatch(owner_id)]
    runs: Any = TrainingRun.objects.filter(run_id__in=known).values_list("run_id", "lifecycle")
    return dict(runs)


def is_being_purged(lifecycle: str) -> bool:
    """Whether the row is on its way out, with everything of its own."""
    return lifecycle == Lifecycle.PURGING
