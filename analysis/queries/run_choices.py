"""What the runs table can be filtered by."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from registry.enums import Lifecycle
from registry.models import Dataset, Experiment
from registry.queries.frameworks import frameworks_in_use
from registry.queries.permissions import visible_to

MOST_NAMES = 500


@dataclass(frozen=True, slots=True)
class RunChoices:
    """Names to choose from, each list in order."""

    experiments: list[str]
    datasets: list[str]
    frameworks: list[str]


def run_choices(viewer: User) -> RunChoices:
    """The first 500 names of each kind that this user may read (three statements)."""
    visible = Experiment.objects.filter(visible_to(viewer, experiment="pk"), lifecycle=Lifecycle.ACTIVE)
    experiments = visible.values_list("name", flat=True)
    return RunChoices(
        experiments=list(experiments.order_by("name")[:MOST_NAMES]),
        datasets=list(Dataset.objects.order_by("name").values_list("name", flat=True)[:MOST_NAMES]),
        frameworks=frameworks_in_use(limit=MOST_NAMES),
    )
