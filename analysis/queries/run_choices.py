"""What the runs table can be filtered by."""

from dataclasses import dataclass

from django.db import connection

from registry.enums import Lifecycle
from registry.models import Dataset, Experiment

MOST_NAMES = 500

# Jumps from one framework to the next in the index run_by_framework: a DISTINCT would read a
# million entries to find ten names.
FRAMEWORKS = """
WITH RECURSIVE each AS (
    (SELECT framework FROM registry_trainingrun ORDER BY framework LIMIT 1)
    UNION ALL
    SELECT (SELECT r.framework FROM registry_trainingrun r
            WHERE r.framework > each.framework ORDER BY r.framework LIMIT 1)
    FROM each WHERE each.framework IS NOT NULL
)
SELECT framework FROM each WHERE framework <> '' LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class RunChoices:
    """Names to choose from, each list in order."""

    experiments: list[str]
    datasets: list[str]
    frameworks: list[str]


def run_choices() -> RunChoices:
    """The first 500 names of each kind (three statements)."""
    experiments = Experiment.objects.filter(lifecycle=Lifecycle.ACTIVE).values_list("name", flat=True)
    with connection.cursor() as cursor:
        cursor.execute(FRAMEWORKS, [MOST_NAMES])
        frameworks = [str(name) for (name,) in cursor.fetchall()]
    return RunChoices(
        experiments=list(experiments.order_by("name")[:MOST_NAMES]),
        datasets=list(Dataset.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES]),
        frameworks=frameworks,
    )
