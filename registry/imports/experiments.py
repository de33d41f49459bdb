"""Experiments of an import: made, or joined where the name is there and the user may edit it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import timezone

from registry.documents import plain
from registry.enums import Lifecycle
from registry.exceptions import BadInputError, ConflictError, RegistryError
from registry.models import Experiment, ExperimentPermission
from registry.queries.permissions import authorize
from registry.services.experiments import insert_experiment
from registry.services.names import checked_name
from registry.services.tags import store_experiment_tags, tag_pairs
from registry.sync import experiment_body
from registry.sync.purge_rows import unbury

from .records import ImportedExperiment
from .terms import Terms

EDIT = ExperimentPermission.Level.EDIT


@dataclass(frozen=True)
class Placed:
    """Where a thing of the source is kept: its public id or name, its key, and whether the import made it."""

    our_id: str
    is_new: bool
    version: int = 1
    our_pk: int | None = None


def check_experiment(given: ImportedExperiment, terms: Terms) -> Experiment | None:
    """The experiment that is to be joined; None where one is to be made.

    Raises:
        BadInputError: something of it can't be stored.
        ConflictError: the name is that of one that can't be joined.
    """
    name = checked_name(terms.experiment_prefix + given.name, what="The experiment's name")
    plain.check_text(given.description, where="The description")
    tag_pairs(given.tags)
    plain.encode(dict(given.custom), where="custom")
    there = Experiment.objects.filter(name=name).first()
    if there is None:
        return None
    if there.lifecycle != Lifecycle.ACTIVE:
        raise ConflictError(f"There is an experiment named {name!r} in the bin.")
    if terms.user is not None:
        try:
            authorize(user=terms.user, level=EDIT, experiment=there)
        except RegistryError as error:
            raise ConflictError(f"There is an experiment named {name!r} that you may not edit.") from error
    return there


def place_experiment(given: ImportedExperiment, terms: Terms) -> Placed:
    """Make or join it, in the running transaction.

    Raises:
        BadInputError, ConflictError: as :func:`check_experiment`.
    """
    there = check_experiment(given, terms)
    if there is not None:
        return Placed(there.experiment_id, is_new=False, version=there.version, our_pk=there.pk)
    experiment = Experiment(
        name=terms.experiment_prefix + given.name, description=given.description, created_by=terms.user
    )
    if given.experiment_id and not Experiment.objects.filter(experiment_id=given.experiment_id).exists():
        experiment.experiment_id = given.experiment_id
        experiment.version = unbury([given.experiment_id]).get(given.experiment_id, 1)
    insert_experiment(experiment)
    if given.created_at is not None:
        experiment.created_at = given.created_at
        experiment.save(update_fields=["created_at"])
    store_experiment_tags(experiment=experiment, tags=given.tags)
    experiment_body.promise_experiment(
        experiment=experiment, tags=tag_pairs(given.tags), custom=plain.encode(_custom(given))
    )
    if given.is_deleted:
        _bin(experiment)
    return Placed(experiment.experiment_id, is_new=True, version=experiment.version, our_pk=experiment.pk)


def _custom(given: ImportedExperiment) -> Mapping[str, object]:
    place = {"artifact_location": given.artifact_location} if given.artifact_location else {}
    return {**given.custom, **place}


def _bin(experiment: Experiment) -> None:
    experiment.lifecycle, experiment.deleted_at = Lifecycle.DELETED, timezone.now()
    experiment.version += 1
    experiment.save(update_fields=["lifecycle", "deleted_at", "version", "updated_at"])
    experiment_body.promise_lifecycle(experiment=experiment)


def cure_of(error: RegistryError) -> str:
    """What helps against what :func:`check_experiment` raised."""
    if isinstance(error, BadInputError):
        return "Change it in the source, or give another --experiment-prefix."
    return "Import beside it with --experiment-prefix, or restore it, or have it shared with you."
