"""What is said of a dataset's runs in a list, at a cost that does not grow with them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection

from registry.queries.permission_sql import readable_sql

COUNT_UP_TO = 1_000
LATEST = 100

# The tops of run_by_dataset (newest first) and of run_by_dataset_accuracy, for each dataset.
FIGURES = """
SELECT d.id, counted.runs, latest.scores, latest.last_at,
       coalesce(replace(best.run_id::text, '-', ''), ''), coalesce(best.name, ''), best.accuracy,
       coalesce(u.username, '')
FROM registry_dataset d
CROSS JOIN LATERAL (
    SELECT count(*) AS runs FROM (
        SELECT 1 FROM registry_trainingrun r
        WHERE r.dataset_id = d.id AND r.lifecycle = 'active' AND {readable} LIMIT %(most)s) found
) counted
CROSS JOIN LATERAL (
    SELECT array_agg(l.accuracy ORDER BY l.started_at, l.id)
               FILTER (WHERE l.accuracy IS NOT NULL AND l.status = 'FINISHED') AS scores,
           max(l.started_at) AS last_at
    FROM (SELECT r.id, r.accuracy, r.status, r.started_at FROM registry_trainingrun r
          WHERE r.dataset_id = d.id AND r.lifecycle = 'active' AND {readable}
          ORDER BY r.started_at DESC, r.id DESC LIMIT %(latest)s) l
) latest
LEFT JOIN LATERAL (
    SELECT r.run_id, r.name, r.accuracy, r.created_by_id FROM registry_trainingrun r
    WHERE r.dataset_id = d.id AND r.accuracy IS NOT NULL AND r.lifecycle = 'active'
      AND r.status = 'FINISHED' AND {readable}
    ORDER BY r.accuracy DESC, r.id DESC LIMIT 1
) best ON true
LEFT JOIN auth_user u ON u.id = best.created_by_id
WHERE d.id = ANY(%(datasets)s)
"""


@dataclass(frozen=True, slots=True)
class DatasetFigures:
    """The active runs on a dataset that the viewer may read, in short.

    Attributes:
        runs: How many, 1,001 for more than 1,000.
        scores: Accuracies of those of the latest 100 that finished with one, oldest first.
        best_run_id: The finished run with the greatest accuracy, empty where none has any.
        best_by: Who made it, empty where nobody is named.
    """

    runs: int
    scores: list[float]
    last_at: dt.datetime | None
    best_run_id: str
    best_name: str
    best_accuracy: float | None
    best_by: str

    @property
    def has_more_runs(self) -> bool:
        """Whether there are more than were counted."""
        return self.runs > COUNT_UP_TO


def dataset_figures(datasets: Sequence[int], *, viewer: User) -> dict[int, DatasetFigures]:
    """The figures of datasets by primary key (one statement)."""
    readable, values = readable_sql(viewer)
    values |= {"datasets": list(datasets), "most": COUNT_UP_TO + 1, "latest": LATEST}
    with connection.cursor() as cursor:
        cursor.execute(FIGURES.format(readable=readable), values)
        return {
            pk: DatasetFigures(runs, scores or [], *rest) for pk, runs, scores, *rest in cursor.fetchall()
        }
