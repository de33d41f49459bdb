"""Creating, renaming, tagging, deleting and restoring experiments."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from registry.documents import plain
from registry.enums import Lifecycle
from registry.exceptions import ConflictError, DuplicateNameError, NotFoundError
from registry.fields import new_hex_id
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
    experiment_id: str | None = None,
    user: User | None = None,
    idempotency_key: str | None = None,
) -> Experiment:
    """Create an experiment: its row and tags in PostgreSQL, its body in MongoDB.

    Args:
        custom: metadata of any shape, kept in MongoDB.
        experiment_id: 32 hexadecimal characters, where the caller chooses the id.
        idempotency_key: the same key again gives the experiment that the first request made.

    Raises:
        DuplicateNameError: the name is taken, also by a deleted experiment.
        BadInputError: something can't be stored; nothing was.
    """
    body = plain.encode(dict(custom or {}), where="custom")
    experiment = Experiment(
        experiment_id=experiment_id or new_hex_id(),
        name=checked_name(name, what="The experiment's name"),
        description=plain.check_text(description, where="The description"),
        created_by=user,
    )

    def make() -> tuple[str, Experiment]:
        insert_experiment(experiment)
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


def rename_experiment(*, experiment_id: str, name: str) -> Experiment:
    """Give an active experiment another name; the same name again changes nothing.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is deleted.
        DuplicateNameError: the name is taken.
    """
    checked_name(name, what="The experiment's name")
    with transaction.atomic():
        experiment = _locked(experiment_id=experiment_id)
        if experiment.lifecycle != Lifecycle.ACTIVE:
            raise ConflictError("Cannot rename a non-active experiment. Restore it first.")
        if experiment.name != name:
            experiment.name = name
            _refuse_taken(experiment, lambda: _bump(experiment, "name"))
            experiment_body.promise_name(experiment=experiment)
    return experiment


def set_experiment_tags(*, experiment_id: str, tags: Mapping[str, str]) -> Experiment:
    """Set tags of an experiment; a tag that is there takes the new value."""
    with transaction.atomic():
        experiment = _locked(experiment_id=experiment_id)
        store_experiment_tags(experiment=experiment, tags=tags)
        _tell_of_tags(experiment)
    return experiment


def delete_experiment_tag(*, experiment_id: str, key: str) -> bool:
    """Delete a tag of an experiment; False where there was none."""
    with transaction.atomic():
        experiment = _locked(experiment_id=experiment_id)
        deleted, _ = experiment.tags.filter(key=key).delete()
        if deleted:
            _tell_of_tags(experiment)
    return bool(deleted)


def delete_experiment(*, name: str) -> Experiment:
    """Move an experiment to the bin; its runs stay as they are."""
    return _set_lifecycle(name, Lifecycle.DELETED)


def restore_experiment(*, name: str) -> Experiment:
    """Take an experiment out of the bin."""
    return _set_lifecycle(name, Lifecycle.ACTIVE)


def insert_experiment(experiment: Experiment) -> None:
    """Insert the row alone, in the running transaction; its body is the caller's to promise.

    Raises:
        DuplicateNameError: the name is taken, also by a deleted experiment.
    """
    _refuse_taken(experiment, lambda: experiment.save(force_insert=True))


def _refuse_taken(experiment: Experiment, save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        taken = Experiment.objects.filter(name=experiment.name).exclude(pk=experiment.pk).first()
        if taken is None:
            raise
        state = "deleted; restore it or choose another name" if taken.deleted_at else "active"
        raise DuplicateNameError(
            f"There is already an experiment named {experiment.name!r} ({state})."
        ) from error


def _set_lifecycle(name: str, lifecycle: Lifecycle) -> Experiment:
    with transaction.atomic():
        experiment = _locked(name=name)
        if experiment.lifecycle == Lifecycle.PURGING:
            raise ConflictError(f"The experiment {name!r} is being purged; it can't be brought back.")
        if experiment.lifecycle != lifecycle:
            experiment.lifecycle = lifecycle
            experiment.deleted_at = timezone.now() if lifecycle == Lifecycle.DELETED else None
            _bump(experiment, "lifecycle", "deleted_at")
            experiment_body.promise_lifecycle(experiment=experiment)
    return experiment


def _locked(**named: str) -> Experiment:
    experiment = Experiment.objects.select_for_update(of=("self",)).filter(**named).first()
    if experiment is None:
        said = f"named {named['name']!r}" if "name" in named else f"with id {named['experiment_id']!r}"
        raise NotFoundError(f"There is no experiment {said}.")
    return experiment


def _bump(experiment: Experiment, *fields: str) -> None:
    """Save these fields as the experiment's next version."""
    experiment.version += 1
    experiment.save(update_fields=[*fields, "version", "updated_at"])


def _tell_of_tags(experiment: Experiment) -> None:
    _bump(experiment)
    pairs = experiment.tags.order_by("key").values_list("key", "value")
    experiment_body.promise_tags(experiment=experiment, tags=tag_pairs(dict(pairs)))
