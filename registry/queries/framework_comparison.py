"""Frameworks side by side."""

from dataclasses import dataclass

from django.db import connection

from .arithmetic import per_hour, summable

LOSS, SECONDS = summable("r.loss"), summable("r.duration_seconds")
COMPARISON = f"""
SELECT r.framework, count(*), count(*) FILTER (WHERE r.status = 'FINISHED'),
       count(*) FILTER (WHERE r.status = 'FAILED'),
       avg(r.accuracy), percentile_cont(0.5) WITHIN GROUP (ORDER BY r.accuracy), max(r.accuracy),
       avg({LOSS}), avg({SECONDS}), sum({SECONDS}),
       sum(r.accuracy) FILTER (WHERE r.duration_seconds > 0),
       sum({SECONDS}) FILTER (WHERE r.accuracy IS NOT NULL)
FROM registry_trainingrun r
JOIN registry_experiment e ON e.id = r.experiment_id
LEFT JOIN registry_dataset d ON d.id = r.dataset_id
WHERE r.lifecycle = 'active' AND r.framework <> ''
  AND (%(experiment)s = '' OR e.name = %(experiment)s) AND (%(dataset)s = '' OR d.name = %(dataset)s)
GROUP BY r.framework
ORDER BY avg(r.accuracy) DESC NULLS LAST, r.framework LIMIT %(limit)s
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class FrameworkStats:
    """One framework over all its active runs; durations are seconds, None where nothing is known."""

    framework: str
    runs: int
    finished: int
    failed: int
    mean_accuracy: float | None
    median_accuracy: float | None
    best_accuracy: float | None
    mean_loss: float | None
    mean_duration_seconds: float | None
    total_duration_seconds: float | None
    accuracy_per_hour: float | None


def framework_comparison(
    *, experiment: str = "", dataset: str = "", limit: int | None = None
) -> list[FrameworkStats]:
    """Every framework, the most accurate on average first (one statement).

    ``accuracy_per_hour`` is the accuracy gathered by all runs over the hours they took. A loss that is
    NaN is left out of ``mean_loss``; one that diverged (beyond ±1e140) makes it infinite.
    """
    with connection.cursor() as cursor:
        cursor.execute(COMPARISON, {"experiment": experiment, "dataset": dataset, "limit": limit})
        rows = cursor.fetchall()
    return [FrameworkStats(*(*row, per_hour(accuracy, seconds))) for *row, accuracy, seconds in rows]
