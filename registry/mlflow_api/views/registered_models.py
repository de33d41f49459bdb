"""Registered models: names, tags, aliases, latest versions."""

from django.http import HttpRequest, HttpResponse

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotFoundError
from registry.mlflow_api.answers import answer
from registry.mlflow_api.model_answers import registered_model_json, version_json
from registry.mlflow_api.model_parsing import stage_in, version_in
from registry.mlflow_api.parsing import read
from registry.queries.model_permissions import (
    require_alias_change,
    require_alias_removal,
    require_model_edit,
    require_model_removal,
)
from registry.queries.model_versions import aliased_version_row, latest_version_rows
from registry.queries.registered_models import registered_model, registered_model_row
from registry.services.descriptions import describe_model
from registry.services.model_aliases import checked_alias, delete_alias, set_alias
from registry.services.registered_models import (
    delete_model,
    delete_model_tag,
    register_model,
    rename_model,
    set_model_tag,
)


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Register a name."""
    fields = read(request)
    name = fields.required("name")
    description, tags = fields.text("description"), fields.pairs("tags")
    register_model(name=name, description=description, tags=tags, user=caller.user)
    return _shown(caller, name)


@endpoint(TokenScope.READ)
def read_one(request: HttpRequest, caller: Caller) -> HttpResponse:
    """A registered model."""
    return _shown(caller, read(request).required("name"))


@endpoint(TokenScope.WRITE)
def rename(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Give a model another name."""
    fields = read(request)
    name, new_name = fields.required("name"), fields.required("new_name")
    require_model_removal(user=caller.user, model=name)
    rename_model(name=name, new_name=new_name)
    return _shown(caller, new_name)


@endpoint(TokenScope.WRITE)
def update(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Change a model's description; without one it is emptied, as in MLflow."""
    fields = read(request)
    name = fields.required("name")
    require_model_edit(user=caller.user, model=name)
    describe_model(name=name, description=fields.text("description"))
    return _shown(caller, name)


@endpoint(TokenScope.WRITE)
def delete(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete a model with its versions."""
    name = read(request).required("name")
    require_model_removal(user=caller.user, model=name)
    delete_model(name=name)
    return answer({})


@endpoint(TokenScope.READ)
def latest_versions(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The newest version in each of the stages asked for, or in every one."""
    fields = read(request)
    stages = {stage_in(stage) for stage in fields.texts("stages")}
    model = registered_model(fields.required("name"))
    rows = latest_version_rows(caller.user, [model.pk])
    found = [version_json(row) for row in rows if not stages or row.stage in stages]
    return answer({"model_versions": found} if found else {})


@endpoint(TokenScope.WRITE)
def set_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Set a tag of a model."""
    fields = read(request)
    name, key = fields.required("name"), fields.required("key")
    require_model_edit(user=caller.user, model=name)
    set_model_tag(name=name, key=key, value=fields.text("value"))
    return answer({})


@endpoint(TokenScope.WRITE)
def delete_tag(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete a tag of a model; one that is not there is fine."""
    fields = read(request)
    name, key = fields.required("name"), fields.required("key")
    require_model_edit(user=caller.user, model=name)
    delete_model_tag(name=name, key=key)
    return answer({})


@endpoint(TokenScope.WRITE)
def point_alias(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Point an alias at a version."""
    fields = read(request)
    name, alias, version = fields.required("name"), fields.required("alias"), version_in(fields)
    require_alias_change(user=caller.user, model=name, alias=alias, version=version)
    set_alias(model=name, alias=alias, version=version)
    return answer({})


@endpoint(TokenScope.WRITE)
def drop_alias(request: HttpRequest, caller: Caller) -> HttpResponse:
    """Delete an alias; one that is not there is fine."""
    fields = read(request)
    name, alias = fields.required("name"), checked_alias(fields.required("alias"))
    require_alias_removal(user=caller.user, model=name, alias=alias)
    delete_alias(model=name, alias=alias)
    return answer({})


@endpoint(TokenScope.READ)
def aliased_version(request: HttpRequest, caller: Caller) -> HttpResponse:
    """The version that an alias points at; ``latest`` is the newest one."""
    fields = read(request)
    name, alias = fields.required("name"), checked_alias(fields.required("alias"))
    model = registered_model(name)
    if alias.lower() == "latest":
        rows = latest_version_rows(caller.user, [model.pk])
        if not rows:
            raise NotFoundError(f"Latest version not found for model {name}.")
        return answer({"model_version": version_json(rows[-1])})
    row = aliased_version_row(caller.user, name, alias)
    if row is None:
        raise BadInputError(f"Registered model alias {alias} not found.")
    return answer({"model_version": version_json(row)})


def _shown(caller: Caller, name: str) -> HttpResponse:
    return answer({"registered_model": registered_model_json(registered_model_row(caller.user, name))})
