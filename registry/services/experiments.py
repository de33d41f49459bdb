"""Creating, deleting and restoring experiments."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry.documents import plain
from registry.enums import Lifecycle
from registry.exceptions import ConflictError, DuplicateNameError, NotFoundError
from registry.models import Experiment
from registry.sync import experiment_body

from .idempotency import make_once
from .names import checked_name
from .tags import store_experiment_tags, tag_pairs


def create_experiment(
    *,
    name: str,
    description: str = "",
    tags: Mapping[str, str] | None = None,
    custom: Mapping[str, Any] | None = None,
    user: User | None = None,
    idempotency_key: str | None = None,
) -> Experiment:
    """Create an experiment: its row and tags in PostgreSQL, its body in MongoDB.

    Args:
        custom: metadata of any shape, kept in MongoDB.
        idempotency_key: the same key again gives the experiment that the first request made.

    Raises:
        DuplicateNameError: the name is taken, also by a deleted experiment.
        BadInputError: something can't be stored; nothing was.
    """
    body = plain.encode(dict(custom or {}), where="custom")
    experiment = Experiment(
        name=checked_name(name, what="The experiment's name"),
        description=plain.check_text(description, where="The description"),
        created_by=user,
    )

    def make() -> tuple[str, Experiment]:
        _insert(experiment)
        store_experiment_tags(experiment=experiment, tags=tags or {})
        experiment_body.promise_experiment(experiment=experiment, tags=tag_pairs(tags or {}), custom=body)
        return experiment.experiment_id, experiment

    return make_once(
        operation="experiment.create",
        key=idempotency_key,
        request={"name": name, "description": description, "tags": tags, "custom": custom},
        make=make,
        find=find_experiment,
    )


def find_experiment(experiment_id: str) -> Experiment:
    """The experiment with this public id.

    Raises:
        NotFoundError: there is none.
    """
    experiment = Experiment.objects.filter(experiment_id=experiment_id).first()
    if experiment is None:
        raise NotFoundError(f"There is no experiment with id {experiment_id!r}.")
    return experiment


def delete_experiment(*, name: str) -> Experiment:
    """Move an experiment to the bin; its runs stay as they are."""
    return _set_lifecycle(name, Lifecycle.DELETED)


def restore_experiment(*, name: str) -> Experiment:
    """Take an experiment out of the bin."""
    return _set_lifecycle(name, Lifecycle.ACTIVE)


def _insert(experiment: Experiment) -> None:
    try:
        with transaction.atomic():
            experiment.save(force_insert=True)
    except IntegrityError as error:
        taken = Experiment.objects.filter(name=experiment.name).first()
        if taken is None:
            raise
        state = "deleted; restore it or choose another name" if taken.deleted_at else "active"
        raise DuplicateNameError(
            f"There is already an experiment named {experiment.name!r} ({state})."
        ) from error


def _set_lifecycle(name: str, lifecycle: Lifecycle) -> Experiment:
    with transaction.atomic():
        experiment = Experiment.objects.select_for_update(of=("self",)).filter(name=name).first()
        if experiment is None:
            raise NotFoundError(f"There is no experiment named {name!r}.")
        if experiment.lifecycle == Lifecycle.PURGING:
            raise ConflictError(f"The experiment {name!r} is being purged; it can't be brought back.")
        if experiment.lifecycle != lifecycle:
            experiment.lifecycle = lifecycle
            experiment.deleted_at = timezone.now() if lifecycle == Lifecycle.DELETED else None
            experiment.version += 1
            experiment.save(update_fields=["lifecycle", "deleted_at", "version", "updated_at"])
            experiment_body.promise_lifecycle(experiment=experiment)
    return experiment
