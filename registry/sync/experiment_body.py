"""What MongoDB is owed when an experiment changes."""

from typing import Any

from registry.enums import Lifecycle
from registry.models import Experiment

from .outbox import Part, promise


def promise_experiment(*, experiment: Experiment, tags: list[dict[str, str]], custom: Any) -> None:
    """The whole body of a new experiment."""
    body = {"name": experiment.name, "created_at": experiment.created_at}
    body |= {"description": experiment.description, "tags": tags, "custom": custom}
    _promise(experiment, Part("start", body), "experiment.create")


def promise_description(*, experiment: Experiment) -> None:
    """What is said of the experiment, as it is now."""
    part = Part("description", {"description": experiment.description})
    _promise(experiment, part, "experiment.describe")


def promise_name(*, experiment: Experiment) -> None:
    """The experiment's name, as it is now."""
    _promise(experiment, Part("name", {"name": experiment.name}), "experiment.rename")


def promise_tags(*, experiment: Experiment, tags: list[dict[str, str]]) -> None:
    """All tags as they are now."""
    _promise(experiment, Part("tags", {"tags": tags}), "experiment.tags")


def promise_lifecycle(*, experiment: Experiment) -> None:
    """Whether the experiment is in the bin."""
    is_deleted = experiment.lifecycle == Lifecycle.DELETED
    action = "experiment.delete" if is_deleted else "experiment.restore"
    _promise(experiment, Part("lifecycle", {"deleted": is_deleted}), action)


def _promise(experiment: Experiment, part: Part, action: str) -> None:
    promise(
        collection="experiments",
        document_id=experiment.experiment_id,
        owner_id=experiment.experiment_id,
        version=experiment.version,
        part=part,
        action=action,
    )
