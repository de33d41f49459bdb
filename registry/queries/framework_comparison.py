"""Frameworks side by side."""

from dataclasses import dataclass

from django.db import connection

COMPARISON = """
SELECT framework, count(*), count(*) FILTER (WHERE status = 'FINISHED'),
       count(*) FILTER (WHERE status = 'FAILED'),
       avg(accuracy), percentile_cont(0.5) WITHIN GROUP (ORDER BY accuracy), max(accuracy),
       avg(nullif(loss, 'NaN')), avg(duration_seconds), sum(duration_seconds),
       sum(accuracy) FILTER (WHERE duration_seconds > 0)
           / nullif(sum(duration_seconds) FILTER (WHERE accuracy IS NOT NULL) / 3600, 0)
FROM registry_trainingrun
WHERE lifecycle = 'active' AND framework <> ''
GROUP BY framework
ORDER BY avg(accuracy) DESC NULLS LAST, framework
"""


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


def framework_comparison() -> list[FrameworkStats]:
    """Every framework, the most accurate on average first (one statement).

    ``accuracy_per_hour`` is the accuracy gathered by all runs over the hours they took.
    """
    with connection.cursor() as cursor:
        cursor.execute(COMPARISON)
        return [FrameworkStats(*row) for row in cursor.fetchall()]
