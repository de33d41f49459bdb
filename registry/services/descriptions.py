"""Changing what is said of experiments, datasets and registered models."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction

from registry.documents import plain
from registry.enums import Lifecycle
from registry.exceptions import ConflictError, NotFoundError
from registry.models import Dataset, Experiment, RegisteredModel
from registry.sync import experiment_body
from registry.sync.audit import record

Row = TypeVar("Row", Dataset, RegisteredModel)


def describe_experiment(*, experiment_id: str, description: str) -> Experiment:
    """Change an experiment's description, in both stores; the same again changes nothing.

    Raises:
        NotFoundError: there is no such experiment.
        ConflictError: it is being purged.
        BadInputError: the text can't be stored.
    """
    plain.check_text(description, where="The description")
    with transaction.atomic():
        rows = Experiment.objects.select_for_update(of=("self",))
        experiment = rows.filter(experiment_id=experiment_id).first()
        if experiment is None:
            raise NotFoundError(f"There is no experiment with id {experiment_id!r}.")
        if experiment.lifecycle == Lifecycle.PURGING:
            raise ConflictError(f"The experiment {experiment.name!r} is being purged.")
        if experiment.description != description:
            experiment.description = description
            experiment.version += 1
            experiment.save(update_fields=["description", "version", "updated_at"])
            experiment_body.promise_description(experiment=experiment)
    return experiment


def describe_dataset(*, name: str, description: str) -> Dataset:
    """Change a dataset's description."""
    return _describe(Dataset, "dataset", name, description)


def describe_model(*, name: str, description: str) -> RegisteredModel:
    """Change a registered model's description."""
    return _describe(RegisteredModel, "model", name, description, touched=["updated_at"])


def _describe(kind: type[Row], noun: str, name: str, description: str, *, touched: Sequence[str] = ()) -> Row:
    plain.check_text(description, where="The description")
    with transaction.atomic():
        row = kind._default_manager.select_for_update(of=("self",)).filter(name=name).first()
        if row is None:
            raise NotFoundError(f"There is no {noun} named {name!r}.")
        if row.description != description:
            row.description = description
            row.save(update_fields=["description", *touched])
            record(action=f"{noun}.describe", subject_id=name)
    return row
