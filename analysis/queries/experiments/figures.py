"""What is said of an experiment's runs in a list, at a cost that does not grow with them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection

from registry.models import ExperimentPermission
from registry.queries.permission_sql import level_sql

COUNT_UP_TO = 1_000
LATEST = 200

# Each part reads the top of an index for each experiment: run_by_experiment (newest first, which the
# count uses, too) and run_by_experiment_accuracy.
FIGURES = """
SELECT e.id, coalesce(u.username, ''), {level},
       counted.runs, latest.running, latest.finished, latest.failed, latest.other, latest.last_at,
       coalesce(replace(best.run_id::text, '-', ''), ''), coalesce(best.name, ''), best.accuracy
FROM registry_experiment e
LEFT JOIN auth_user u ON u.id = e.created_by_id
CROSS JOIN LATERAL (
    SELECT count(*) AS runs FROM (
        SELECT 1 FROM registry_trainingrun r WHERE r.experiment_id = e.id AND r.lifecycle = 'active'
        LIMIT %(most)s) found
) counted
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE l.status = 'RUNNING') AS running,
           count(*) FILTER (WHERE l.status = 'FINISHED') AS finished,
           count(*) FILTER (WHERE l.status = 'FAILED') AS failed,
           count(*) FILTER (WHERE l.status NOT IN ('RUNNING', 'FINISHED', 'FAILED')) AS other,
           max(coalesce(l.ended_at, l.started_at)) AS last_at
    FROM (SELECT r.status, r.started_at, r.ended_at FROM registry_trainingrun r
          WHERE r.experiment_id = e.id AND r.lifecycle = 'active'
          ORDER BY r.started_at DESC, r.id DESC LIMIT %(latest)s) l
) latest
LEFT JOIN LATERAL (
    SELECT r.run_id, r.name, r.accuracy FROM registry_trainingrun r
    WHERE r.experiment_id = e.id AND r.lifecycle = 'active' AND r.status = 'FINISHED'
      AND r.accuracy IS NOT NULL
    ORDER BY r.accuracy DESC NULLS LAST, r.id DESC LIMIT 1
) best ON true
WHERE e.id = ANY(%(experiments)s)
"""


@dataclass(frozen=True, slots=True)
class ExperimentFigures:
    """An experiment's active runs in short.

    Attributes:
        level: What the viewer may do there.
        runs: How many, 1,001 for more than 1,000.
        running, finished, failed, other: Of the latest 200.
        last_at: When the last of these ended or, still going on, started.
        best_run_id: The finished run with the greatest accuracy, empty where none has any.
    """

    owner: str
    level: str
    runs: int
    running: int
    finished: int
    failed: int
    other: int
    last_at: dt.datetime | None
    best_run_id: str
    best_name: str
    best_accuracy: float | None

    @property
    def level_name(self) -> str:
        """The level as a word."""
        return ExperimentPermission.Level(self.level).label.lower()

    @property
    def has_more_runs(self) -> bool:
        """Whether there are more than were counted."""
        return self.runs > COUNT_UP_TO

    @property
    def shares(self) -> list[tuple[str, int]]:
        """Each state that the latest runs are in, with their number."""
        states = ("finished", "running", "failed", "other")
        return [(state, getattr(self, state)) for state in states if getattr(self, state)]


def experiment_figures(experiments: Sequence[int], *, viewer: User) -> dict[int, ExperimentFigures]:
    """The figures of experiments that the viewer may read, by primary key (one statement)."""
    level, values = level_sql(viewer)
    values |= {"experiments": list(experiments), "most": COUNT_UP_TO + 1, "latest": LATEST}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.format(level=level), values)
        return {pk: ExperimentFigures(*rest) for pk, *rest in cursor.fetchall()}
