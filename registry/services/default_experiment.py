"""The experiment that MLflow's clients log to when they name none."""

from django.db import transaction

from registry.exceptions import DuplicateNameError
from registry.models import Experiment

from .experiments import create_experiment

NAMES = ("Default", "Default (MLflow)")
DEFAULT_ID = "0"
DEFAULT_KEPT_AS = "0" * 32
"""MLflow's id of it, and the one that our column has."""


def ensure_default_experiment(*, experiment_id: str) -> None:
    """Create it, in nobody's name, where it is not there (one statement where it is).

    Nobody's means that everyone has ``DEFAULT_EXPERIMENT_PERMISSION`` in it, as in any other experiment.
    """
    if Experiment.objects.filter(experiment_id=experiment_id).exists():
        return
    for name in NAMES:
        try:
            with transaction.atomic():
                create_experiment(name=name, experiment_id=experiment_id)
        except DuplicateNameError:
            continue
        return
