"""Experiments: creating, reading, renaming, the bin, tags."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import Lifecycle, TokenScope
from registry.exceptions import BadInputError, NotFoundError
from registry.mlflow_api import ids
from registry.mlflow_api.answers import answer, experiment_json
from registry.mlflow_api.parsing import Fields, read
from registry.models import Experiment, ExperimentPermission
from registry.queries.permissions import LIFECYCLE_LEVEL, experiment_for, experiment_with_id
from registry.services.default_experiment import ensure_default_experiment
from registry.services.experiments import (
    create_experiment,
    delete_experiment,
    delete_experiment_tag,
    rename_experiment,
    restore_experiment,
    set_experiment_tags,
)

EDIT, MANAGE = ExperimentPermission.Level.EDIT, ExperimentPermission.Level.MANAGE
READ = ExperimentPermission.Level.READ


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Create an experiment; whoever creates it manages it."""
    fields = read(request)
    check_location(fields.text("artifact_location"))
    experiment = create_experiment(name=fields.required("name"), tags=fields.pairs("tags"), user=caller.user)
    return answer({"experiment_id": ids.experiment_id(experiment.experiment_id)})


@endpoint(TokenScope.READ)
def read_one(request: HttpRequest, caller: Caller) -> HttpResponse:
    """An experiment by its id, also from the bin."""
    return _shown(experiment_in(read(request), caller))


@endpoint(TokenScope.READ)
def read_by_name(request: HttpRequest, caller: Caller) -> HttpResponse:
    """An experiment by its name, also from the bin."""
    return _shown(experiment_for(caller.user, read(request).required("experiment_name")))


@endpoint(TokenScope.WRITE)
def update(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Rename an experiment."""
    fields = read(request)
    experiment = experiment_in(fields, caller, level=MANAGE)
    if name := fields.text("new_name"):
        rename_experiment(experiment_id=experiment.experiment_id, name=name)
    return answer({})


@endpoint(TokenScope.WRITE)
def delete(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Move an experiment to the bin; its runs stay as they are."""
    delete_experiment(name=_in_lifecycle(request, caller, Lifecycle.ACTIVE).name)
    return answer({})


@endpoint(TokenScope.WRITE)
def restore(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Take an experiment out of the bin."""
    restore_experiment(name=_in_lifecycle(request, caller, Lifecycle.DELETED).name)
    return answer({})


@endpoint(TokenScope.WRITE)
def set_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Set a tag of an experiment."""
    fields = read(request)
    experiment = experiment_in(fields, caller, level=EDIT)
    set_experiment_tags(
        experiment_id=experiment.experiment_id, tags={fields.required("key"): fields.text("value")}
    )
    return answer({})


@endpoint(TokenScope.WRITE)
def delete_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete a tag of an experiment."""
    fields = read(request)
    experiment, key = experiment_in(fields, caller, level=EDIT), fields.required("key")
    if not delete_experiment_tag(experiment_id=experiment.experiment_id, key=key):
        raise NotFoundError(f"No tag with name: {key} in experiment with id {fields.text('experiment_id')}")
    return answer({})


def experiment_in(fields: Fields, caller: Caller, *, level: str = READ) -> Experiment:
    """The experiment that the request names; the default one is made where it is not there yet.

    Raises:
        NotFoundError: there is none, or none that the caller may know of.
        ForbiddenError: the caller may read it, and needs ``level``.
    """
    kept_id = ids.kept_experiment_id(fields.required("experiment_id"))
    if kept_id == ids.DEFAULT_KEPT_AS:
        ensure_default_experiment(experiment_id=kept_id)
    return experiment_with_id(caller.user, kept_id, level=level)


def check_location(location: str) -> None:
    """Artifacts lie in the platform's own store; no client chooses where the server writes.

    Raises:
        BadInputError: it tries to.
    """
    if location and not location.startswith("mlflow-artifacts:"):
        raise BadInputError(
            f"The artifact location {location[:100]!r} is not ours: artifacts are kept by this server."
            " Leave artifact_location out."
        )


def _in_lifecycle(request: HttpRequest, caller: Caller, lifecycle: Lifecycle) -> Experiment:
    fields = read(request)
    experiment = experiment_in(fields, caller, level=LIFECYCLE_LEVEL)
    if experiment.lifecycle != lifecycle:
        raise NotFoundError(f"No Experiment with id={fields.text('experiment_id')} exists")
    return experiment


def _shown(experiment: Experiment) -> HttpResponse:
    tags = experiment.tags.order_by("key").values_list("key", "value")
    return answer({"experiment": experiment_json(experiment, tags)})
