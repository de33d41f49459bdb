"""The tracker: what training code imports."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from registry.exceptions import DuplicateNameError, NotFoundError
from registry.models import Dataset, Experiment, TrainingRun
from registry.queries import runs as run_queries
from registry.queries.runs import Comparison, Point, RunSummary
from registry.services import datasets, experiments, runs
from registry.services.registration import register_training_run

from . import environment
from .active_run import ActiveRun
from .attribution import by_user


class Tracker:
    """Records machine-learning work from inside the platform's process.

    Args:
        user: who the work is recorded for; a user name.

    Raises:
        NotFoundError: there is no such user.
    """

    def __init__(self, *, user: str | None = None) -> None:
        self.user: User | None = None
        if user is not None:
            self.user = get_user_model().objects.filter(username=user).first()
            if self.user is None:
                raise NotFoundError(f"There is no user named {user!r}.")

    @by_user
    def create_experiment(self, name: str, **details: Any) -> Experiment:
        """The experiment with this name, created where it is missing.

        ``details`` are those of :func:`registry.services.experiments.create_experiment`.
        """
        found = Experiment.objects.filter(name=name).first()
        if found is not None:
            return found
        try:
            return experiments.create_experiment(name=name, user=self.user, **details)
        except DuplicateNameError:
            return Experiment.objects.get(name=name)

    @by_user
    def create_dataset(self, name: str, *, digest: str, **details: Any) -> Dataset:
        """The dataset with this name and digest, created where it is missing.

        ``details`` are those of :func:`registry.services.datasets.create_dataset`.

        Raises:
            DuplicateNameError: the name belongs to other data.
        """
        try:
            return datasets.create_dataset(name=name, digest=digest, user=self.user, **details)
        except DuplicateNameError:
            found = Dataset.objects.get(name=name)
            if found.digest != digest:
                raise
            return found

    @by_user
    def start_run(self, *, experiment: str, **details: Any) -> ActiveRun:
        """Start a run in an experiment, which is created where it is missing.

        ``details`` are those of :func:`registry.services.runs.start_run`; with an ``idempotency_key``
        a repeated call continues the run that the first one started.
        """
        self.create_experiment(experiment)
        details.setdefault("environment", environment.describe())
        run = runs.start_run(experiment=experiment, user=self.user, **details)
        return ActiveRun(run=run, user=self.user)

    @by_user
    def register_run(self, *, experiment: str, **details: Any) -> TrainingRun:
        """Register a run that is over, with metrics and files, as one operation.

        The experiment is created where it is missing; ``details`` are those of
        :func:`registry.services.registration.register_training_run`.
        """
        self.create_experiment(experiment)
        details.setdefault("environment", environment.describe())
        return register_training_run(experiment=experiment, user=self.user, **details)

    @by_user
    def resume_run(self, run_id: str) -> ActiveRun:
        """Open a run again."""
        return ActiveRun(run=runs.resume_run(run_id=run_id), user=self.user)

    def run_exists(self, run_id: str) -> bool:
        """Whether there is a run with this id."""
        return TrainingRun.objects.filter(run_id=run_id).exists()

    def get_run(self, run_id: str) -> RunSummary:
        """A run with its latest metrics, params and tags."""
        return run_queries.run_summary(run_id)

    def status(self, run_id: str) -> str:
        """How a run stands."""
        return self.get_run(run_id).status

    def best_runs(self, **conditions: Any) -> list[RunSummary]:
        """Finished runs by a metric; see :func:`registry.queries.runs.best_runs`."""
        return run_queries.best_runs(**conditions)

    def search_runs(self, **conditions: Any) -> list[RunSummary]:
        """Runs by any field, param, metric or tag; see :func:`registry.queries.runs.search_runs`."""
        return run_queries.search_runs(**conditions)

    def compare_runs(self, run_ids: Sequence[str]) -> Comparison:
        """Runs side by side."""
        return run_queries.compare_runs(run_ids)

    def history(self, run_id: str, metric: str) -> list[Point]:
        """A metric's points in order."""
        return run_queries.metric_history(run_id=run_id, key=metric)
