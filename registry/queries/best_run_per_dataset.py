"""The most accurate run on each dataset."""

from dataclasses import dataclass

from django.db import connection

# Reads the top of run_by_dataset_accuracy for each dataset instead of sorting all runs.
BEST = """
SELECT d.name, best.* FROM registry_dataset d
CROSS JOIN LATERAL (
    SELECT replace(r.run_id::text, '-', ''), r.name, r.model_name, r.framework, r.accuracy
    FROM registry_trainingrun r
    WHERE r.dataset_id = d.id AND r.accuracy IS NOT NULL
      AND r.lifecycle = 'active' AND r.status = 'FINISHED'
    ORDER BY r.accuracy DESC, r.started_at, r.id LIMIT 1
) best ORDER BY d.name
"""


@dataclass(frozen=True)
class BestRun:
    """A dataset's most accurate finished run; the earlier one where accuracies tie."""

    dataset: str
    run_id: str
    name: str
    model_name: str
    framework: str
    accuracy: float


def best_run_per_dataset() -> list[BestRun]:
    """One run a dataset that has any with an accuracy, by the dataset's name (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(BEST)
        return [BestRun(*row) for row in cursor.fetchall()]
