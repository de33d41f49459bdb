"""Versions of registered models."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError
from registry.mlflow_api import ids
from registry.mlflow_api.answers import answer
from registry.mlflow_api.model_answers import download_uri, version_json
from registry.mlflow_api.model_parsing import stage_in, version_in
from registry.mlflow_api.parsing import Fields, read
from registry.queries.model_permissions import require_stage_change, version_to_edit
from registry.queries.model_sources import PROMPT_TAG, find_files, refused
from registry.queries.model_versions import version_row
from registry.queries.registered_models import registered_model
from registry.services.model_versions import (
    ACTIVE_STAGES,
    delete_version,
    delete_version_tag,
    describe_version,
    register_files,
    set_version_tag,
    transition_stage,
)


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Add a version: files of a run or logged model whose experiment the caller may edit."""
    fields = read(request)
    name, source, tags = fields.required("name"), fields.required("source"), fields.pairs("tags")
    files = find_files(
        user=caller.user,
        source=source,
        run_id=fields.text("run_id"),
        model_id=_model_id(fields, source),
        is_prompt=tags.get(PROMPT_TAG, "").lower() == "true",
    )
    registered_model(name)
    version = register_files(
        model=name,
        files=files,
        description=fields.text("description"),
        run_link=fields.text("run_link"),
        tags=tags,
        user=caller.user,
    )
    return _shown(caller, name, version.number)


@endpoint(TokenScope.READ)
def read_one(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A version."""
    fields = read(request)
    return _shown(caller, fields.required("name"), version_in(fields))


@endpoint(TokenScope.READ)
def read_download_uri(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Where the client finds the version's files."""
    fields = read(request)
    row = version_row(caller.user, fields.required("name"), version_in(fields))
    return answer({"artifact_uri": download_uri(row)})


@endpoint(TokenScope.WRITE)
def update(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Change a version's description; without one it is emptied, as in MLflow."""
    fields = read(request)
    name, number = _to_edit(fields, caller)
    describe_version(model=name, version=number, description=fields.text("description"))
    return _shown(caller, name, number)


@endpoint(TokenScope.WRITE)
def transition(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Move a version to a stage, and perhaps what was there to the archive."""
    fields = read(request)
    name, number, stage = fields.required("name"), version_in(fields), stage_in(fields.required("stage"))
    archives = fields.boolean("archive_existing_versions")
    if archives and stage not in ACTIVE_STAGES:
        raise BadInputError(
            "Model version transition cannot archive existing model versions because"
            f" '{stage}' is not an Active stage. Valid stages are {[str(each) for each in ACTIVE_STAGES]}"
        )
    archived = stage if archives else ""
    require_stage_change(user=caller.user, model=name, version=number, archived_stage=archived)
    transition_stage(model=name, version=number, stage=stage, archives_others=archives)
    return _shown(caller, name, number)


@endpoint(TokenScope.WRITE)
def delete(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete a version; its number is not given again."""
    name, number = _to_edit(read(request), caller)
    delete_version(model=name, version=number)
    return answer({})


@endpoint(TokenScope.WRITE)
def set_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Set a tag of a version."""
    fields = read(request)
    key = fields.required("key")
    name, number = _to_edit(fields, caller)
    set_version_tag(model=name, version=number, key=key, value=fields.text("value"))
    return answer({})


@endpoint(TokenScope.WRITE)
def delete_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete a tag of a version; one that is not there is fine."""
    fields = read(request)
    key = fields.required("key")
    name, number = _to_edit(fields, caller)
    delete_version_tag(model=name, version=number, key=key)
    return answer({})


def _to_edit(fields: Fields, caller: Caller) -> tuple[str, int]:
    name, number = fields.required("name"), version_in(fields)
    version_to_edit(user=caller.user, model=name, version=number)
    return name, number


def _model_id(fields: Fields, source: str) -> str:
    """The logged model's id as our column has it; empty where the request names none."""
    given = fields.text("model_id")
    found = ids.MODEL_ID.fullmatch(given)
    if given and found is None:
        raise refused(source, "The request's model_id must name what contains the source.")
    return found[1] if found else ""


def _shown(caller: Caller, name: str, number: int) -> HttpResponse:
    return answer({"model_version": version_json(version_row(caller.user, name, number))})
