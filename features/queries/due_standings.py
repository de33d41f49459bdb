"""Where runs are to stand, and what Redis is still owed of it: PostgreSQL's side for reconcile."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from features import keys
from features.online.leaderboards import ACCURACY
from registry.enums import OutboxStatus, OutboxTarget

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
class DueStanding:
    """Where a run is to stand; ``board`` is empty for nowhere, ``is_owed`` tells that delivery waits."""

    version: int
    board: str
    score: float
    is_owed: bool = False


def all_due_standings() -> dict[str, DueStanding]:
    """Every run that is to stand on a board (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(STANDING)
        return dict(map(_standing, cursor))


def due_standings_of(run_ids: Sequence[str]) -> dict[str, DueStanding]:
    """These runs, whether they are to stand or not; one that is gone is left out unless something is owed."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [list(run_ids)])
        gone = {run_id: DueStanding(0, "", 0.0, is_owed=True) for (run_id,) in cursor.fetchall()}
        cursor.execute(THESE, [list(run_ids)])
        return gone | dict(map(_standing, cursor))


def _standing(row: tuple[str, int, str | None, float | None, bool]) -> tuple[str, DueStanding]:
    run_id, version, dataset, accuracy, is_owed = row
    if dataset is None or accuracy is None or math.isnan(accuracy):
        return run_id, DueStanding(version, "", 0.0, is_owed)
    return run_id, DueStanding(version, keys.board(dataset, ACCURACY), accuracy, is_owed)
