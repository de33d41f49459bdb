"""Where runs stand, by PostgreSQL: what the leaderboards in Redis are made of, and their stand-in."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from features.online.leaderboards import Place, Standing
from registry.enums import OutboxStatus, OutboxTarget
from registry.models import TrainingRun

# One statement, so one snapshot: a standing and what is owed of it belong together.
DUE = f"""
SELECT replace(r.run_id::text, '-', ''), r.version, d.name, r.accuracy,
    EXISTS (SELECT FROM registry_outboxentry o WHERE o.target = {OutboxTarget.REDIS.value}
        AND o.status = {OutboxStatus.DUE.value} AND o.aggregate_id = replace(r.run_id::text, '-', ''))
FROM registry_trainingrun r LEFT JOIN registry_dataset d ON d.id = r.dataset_id
    AND r.lifecycle = 'active' AND r.status = 'FINISHED' AND r.accuracy IS NOT NULL
WHERE {{condition}}
"""  # noqa: S608 (made of constants)
STANDING = DUE.format(condition="d.id IS NOT NULL")
THESE = DUE.format(condition="r.run_id = ANY(%s::uuid[])")
OWED = f"""
SELECT DISTINCT aggregate_id FROM registry_outboxentry WHERE target = {OutboxTarget.REDIS.value}
    AND status = {OutboxStatus.DUE.value} AND aggregate_id = ANY(%s)
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class DueStanding(Standing):
    """Where a run is to stand; ``is_owed`` tells that delivery waits."""

    is_owed: bool = False


def standings_of(versions: Mapping[str, int]) -> list[Standing]:
    """How these runs stand now (one statement); one that is gone stands nowhere, at the given version."""
    found = _read(THESE, [list(versions)])
    return [found.get(run_id) or Standing(run_id, version) for run_id, version in versions.items()]


def all_due_standings() -> dict[str, DueStanding]:
    """Every run that is to stand on a board (one statement)."""
    return _read(STANDING)


def due_standings_of(run_ids: Sequence[str]) -> dict[str, DueStanding]:
    """These runs, whether they are to stand or not; one that is gone is left out unless something is owed."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [list(run_ids)])
        gone = {run_id: DueStanding(run_id, 0, is_owed=True) for (run_id,) in cursor.fetchall()}
    return gone | _read(THESE, [list(run_ids)])


def top_by_record(dataset: str, *, limit: int = 10) -> list[Place]:
    """The best runs on a dataset, from PostgreSQL: for when Redis is away (one statement)."""
    runs = TrainingRun.objects.active().finished().on_dataset(dataset).filter(accuracy__isnull=False)
    rows: Any = runs.order_by("-accuracy", "-run_id").values_list("run_id", "accuracy")[:limit]
    return [Place(run_id, rank, accuracy) for rank, (run_id, accuracy) in enumerate(rows, 1)]


def _read(sql: str, values: Sequence[list[str]] = ()) -> dict[str, DueStanding]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        standings = [_standing(*row) for row in cursor]
    return {standing.run_id: standing for standing in standings}


def _standing(
    run_id: str,
    version: int,
    dataset: str | None,
    accuracy: float | None,
    is_owed: bool,  # noqa: FBT001
) -> DueStanding:
    if dataset is None or accuracy is None or math.isnan(accuracy):
        return DueStanding(run_id, version, is_owed=is_owed)
    return DueStanding(run_id, version, dataset, accuracy, is_owed)
