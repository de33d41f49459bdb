"""Logged models: creating, finishing, reading, the bin, params, tags, files."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import LoggedModelStatus, TokenScope
from registry.mlflow_api import ids
from registry.mlflow_api.answers import answer
from registry.mlflow_api.model_answers import STATUSES, logged_model_json
from registry.mlflow_api.parsing import Fields, read, wrong
from registry.models import ExperimentPermission, LoggedModel
from registry.queries.logged_models import logged_model_rows
from registry.queries.permissions import logged_model_for, run_for
from registry.services.logged_model_ends import finalize_logged_model
from registry.services.logged_models import (
    create_logged_model,
    delete_logged_model,
    delete_logged_model_tag,
    log_model_params,
    set_logged_model_tags,
)
from registry.sync.outbox import only_promised

from .experiments import experiment_in

EDIT = ExperimentPermission.Level.EDIT
GIVEN: dict[Any, LoggedModelStatus] = {
    given: LoggedModelStatus(status)
    for number, (status, name) in enumerate(STATUSES.items(), start=1)
    for given in (name, number, str(number))
}
"""A status by MLflow's word or number."""


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Begin a logged model."""
    fields = read(request)
    experiment = experiment_in(fields, caller, level=EDIT)
    run_id = fields.text("source_run_id")
    model = create_logged_model(
        experiment=experiment,
        name=fields.text("name"),
        model_type=fields.text("model_type"),
        source_run=run_for(caller.user, ids.checked_run_id(run_id), level=EDIT) if run_id else None,
        params=fields.pairs("params"),
        tags=fields.pairs("tags"),
        user=caller.user,
    )
    return _shown(model)


@endpoint(TokenScope.READ)
def read_one(request: HttpRequest, caller: Caller, model_id: str) -> HttpResponse:
    """A logged model; one in the bin where ``allow_deleted`` says so."""
    even_deleted = read(request).boolean("allow_deleted")
    kept_id = ids.kept_model_id(model_id)
    return _shown(logged_model_for(caller.user, kept_id, even_deleted=even_deleted))


@endpoint(TokenScope.WRITE)
def finalize(request: HttpRequest, caller: Caller, model_id: str) -> HttpResponse:
    """Say whether the model's files are there."""
    fields = read(request)
    status = fields.raw("status") if "status" in fields else fields.required("status")
    if not isinstance(status, (str, int)) or status not in GIVEN:
        raise wrong("status", status)
    model = _to_edit(caller, model_id)
    with only_promised():
        finalize_logged_model(model_id=model.model_id, status=GIVEN[status])
    return _shown(model)


@endpoint(TokenScope.WRITE)
def delete(_request: HttpRequest, caller: Caller, model_id: str) -> HttpResponse:
    """Move a logged model to the bin; again is fine."""
    model = _to_edit(caller, model_id, even_deleted=True)
    delete_logged_model(model_id=model.model_id)
    return answer({})


@endpoint(TokenScope.WRITE)
def log_params(request: HttpRequest, caller: Caller, model_id: str) -> HttpResponse:
    """Add params."""
    params = read(request).pairs("params")
    log_model_params(model_id=_to_edit(caller, model_id).model_id, params=params)
    return answer({})


@endpoint(TokenScope.WRITE)
def set_tags(request: HttpRequest, caller: Caller, model_id: str) -> HttpResponse:
    """Set tags."""
    tags = read(request).pairs("tags")
    set_logged_model_tags(model_id=_to_edit(caller, model_id).model_id, tags=tags)
    return answer({})


@endpoint(TokenScope.WRITE)
def delete_tag(_request: HttpRequest, caller: Caller, model_id: str, key: str) -> HttpResponse:
    """Delete a tag."""
    delete_logged_model_tag(model_id=_to_edit(caller, model_id).model_id, key=key)
    return answer({})


def models_in(fields: Fields, caller: Caller) -> list[tuple[LoggedModel, int]]:
    """The logged models of ``models: [{model_id, step}]``, which the caller may read, with their steps.

    Raises:
        NotFoundError: one is not there, or none that the caller may know of.
    """
    given = [Fields(each) for each in fields.objects("models")]
    return [
        (
            logged_model_for(caller.user, ids.kept_model_id(each.required("model_id")), even_deleted=True),
            each.integer("step") or 0,
        )
        for each in given
    ]


def _to_edit(caller: Caller, model_id: str, *, even_deleted: bool = False) -> LoggedModel:
    kept_id = ids.kept_model_id(model_id)
    return logged_model_for(caller.user, kept_id, level=EDIT, even_deleted=even_deleted)


def _shown(model: LoggedModel) -> HttpResponse:
    return answer({"model": logged_model_json(logged_model_rows([model.pk])[0])})
