"""Where runs stand, by PostgreSQL: what the leaderboards in Redis are made of, and their stand-in."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import connection

from features.board_metrics import ACCURACY, COLUMNS, board_metric, board_metrics
from features.online.leaderboards import Place, Standing
from registry.enums import OutboxStatus, OutboxTarget
from registry.models import TrainingRun
from registry.queries.permissions import visible_to

# One statement, so one snapshot: a standing and what is owed of it belong together.
DUE = f"""
SELECT replace(r.run_id::text, '-', ''), r.version, d.name, r.accuracy, r.loss, m.keys, m.numbers,
    EXISTS (SELECT FROM registry_outboxentry o WHERE o.target = {OutboxTarget.REDIS.value}
        AND o.status = {OutboxStatus.DUE.value} AND o.aggregate_id = replace(r.run_id::text, '-', ''))
FROM registry_trainingrun r LEFT JOIN registry_dataset d ON d.id = r.dataset_id
    AND r.lifecycle = 'active' AND r.status = 'FINISHED'
LEFT JOIN LATERAL (SELECT array_agg(key) AS keys, array_agg(latest_value) AS numbers
    FROM registry_metric WHERE run_id = r.id AND key = ANY(%(metrics)s)) m ON d.id IS NOT NULL
WHERE {{condition}}
"""  # noqa: S608 (made of constants)
STANDING = DUE.format(condition="d.id IS NOT NULL AND (%(dataset)s = '' OR d.name = %(dataset)s)")
THESE = DUE.format(condition="r.run_id = ANY(%(run_ids)s::uuid[])")
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
    found = _read(THESE, run_ids=list(versions))
    return [found.get(run_id) or Standing(run_id, version) for run_id, version in versions.items()]


def all_due_standings(*, dataset: str = "", metric: str = "") -> dict[str, DueStanding]:
    """Every run that is to stand on a board, of one dataset or metric where named (one statement)."""
    found = _read(STANDING, dataset=dataset)
    return {
        run_id: standing
        for run_id, standing in found.items()
        if (metric in standing.scores if metric else standing.scores)
    }


def due_standings_of(run_ids: Sequence[str]) -> dict[str, DueStanding]:
    """These runs, whether they are to stand or not; one that is gone is left out unless something is owed."""
    with connection.cursor() as cursor:
        cursor.execute(OWED, [list(run_ids)])
        gone = {run_id: DueStanding(run_id, 0, is_owed=True) for (run_id,) in cursor.fetchall()}
    return gone | _read(THESE, run_ids=list(run_ids))


def top_by_record(
    dataset: str, metric: str = ACCURACY, *, limit: int = 10, viewer: User | None = None
) -> list[Place]:
    """The best runs on a dataset, from PostgreSQL: for when Redis is away (one statement).

    Args:
        viewer: count only the runs that this user may read; None counts all.

    Raises:
        NotFoundError: the metric has no boards.
    """
    sign = "-" if board_metric(metric).is_higher_better else ""
    runs = TrainingRun.objects.active().finished().on_dataset(dataset)
    if viewer is not None:
        runs = runs.filter(visible_to(viewer, experiment="experiment"))
    score = metric if metric in COLUMNS else "metrics__latest_value"
    conditions: dict[str, Any] = {f"{score}__lte": math.inf}  # which NaN is not, for PostgreSQL
    if metric not in COLUMNS:
        conditions["metrics__key"] = metric
    runs = runs.filter(**conditions)
    rows: Any = runs.order_by(f"{sign}{score}", f"{sign}run_id").values_list("run_id", score)[:limit]
    return [Place(run_id, rank, score) for rank, (run_id, score) in enumerate(rows, 1)]


def _read(sql: str, **values: Any) -> dict[str, DueStanding]:
    metrics = board_metrics()
    with connection.cursor() as cursor:
        cursor.execute(sql, {"metrics": [key for key in metrics if key not in COLUMNS], **values})
        standings = [_standing(row, metrics.keys()) for row in cursor]
    return {standing.run_id: standing for standing in standings}


def _standing(row: tuple[Any, ...], metrics: Collection[str]) -> DueStanding:
    run_id, version, dataset, accuracy, loss, found, numbers, is_owed = row
    if dataset is None:
        return DueStanding(run_id, version, is_owed=is_owed)
    scores = dict(zip(found or (), numbers or (), strict=True)) | {"accuracy": accuracy, "loss": loss}
    counted = {
        key: score
        for key, score in scores.items()
        if key in metrics and score is not None and not math.isnan(score)
    }
    return DueStanding(run_id, version, dataset if counted else None, counted, is_owed)
