"""How training goes on each dataset."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

STATS = """
SELECT d.name, d.row_count, d.feature_count, count(r.id), count(DISTINCT r.experiment_id),
       max(r.accuracy), avg(r.accuracy),
       regr_slope(r.accuracy, r.place),
       min(nullif(r.loss, 'NaN')), max(r.started_at)
FROM registry_dataset d
LEFT JOIN (SELECT id, dataset_id, experiment_id, accuracy, loss, started_at,
                  row_number() OVER (PARTITION BY dataset_id ORDER BY started_at, id) AS place
           FROM registry_trainingrun WHERE lifecycle = 'active' AND (%(name)s = ''
               OR dataset_id = (SELECT id FROM registry_dataset WHERE name = %(name)s))) r
    ON r.dataset_id = d.id
WHERE %(name)s = '' OR d.name = %(name)s
GROUP BY d.id ORDER BY count(r.id) DESC, d.name LIMIT %(limit)s
"""


@dataclass(frozen=True)
class DatasetStats:
    """One dataset; ``accuracy_trend`` is the slope of accuracy from run to run, in order of start."""

    dataset: str
    row_count: int | None
    feature_count: int | None
    runs: int
    experiments: int
    best_accuracy: float | None
    mean_accuracy: float | None
    accuracy_trend: float | None
    least_loss: float | None
    last_run_at: dt.datetime | None


def dataset_stats(*, dataset: str = "", limit: int | None = None) -> list[DatasetStats]:
    """Every dataset, or the one named, the most used first (one statement)."""
    with connection.cursor() as cursor:
        cursor.execute(STATS, {"name": dataset, "limit": limit})
        return [DatasetStats(*row) for row in cursor.fetchall()]
