"""What MongoDB is owed when an experiment changes."""

from typing import Any

from registry.enums import Lifecycle
from registry.models import Experiment

from .effects import EXPERIMENT_SET
from .outbox import promise


def promise_experiment(*, experiment: Experiment, tags: list[dict[str, str]], custom: Any) -> None:
    """The whole body of a new experiment."""
    _promise(experiment, {"description": experiment.description, "tags": tags, "custom": custom})


def promise_lifecycle(*, experiment: Experiment) -> None:
    """Whether the experiment is in the bin."""
    _promise(experiment, {"deleted": experiment.lifecycle == Lifecycle.DELETED})


def _promise(experiment: Experiment, parts: dict[str, Any]) -> None:
    base = {"name": experiment.name, "created_at": experiment.created_at}
    promise(
        topic=EXPERIMENT_SET,
        aggregate_id=experiment.experiment_id,
        version=experiment.version,
        payload={"base": base, "parts": parts},
    )
