"""Registered models, their versions and aliases."""

from django.http import HttpRequest, JsonResponse

from registry.api.answers import model_json, model_version_json
from registry.api.authentication import Caller
from registry.api.idempotency import create_once
from registry.api.parsing import integer, read_fields, required, text
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.models import ExperimentPermission
from registry.queries.model_permissions import require_alias_change
from registry.queries.permissions import run_for
from registry.services.model_aliases import set_alias
from registry.services.model_versions import create_model_version
from registry.services.registered_models import register_model


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Register a name."""
    fields = read_fields(request, name=required(text), description=text)
    model = create_once(request, register_model, user=caller.user, **fields)
    return JsonResponse({"model": model_json(model)}, status=201)


@endpoint(TokenScope.WRITE)
def create_version(request: HttpRequest, caller: Caller, name: str) -> JsonResponse:
    """Add the next version: an artifact of a run whose experiment the caller may edit."""
    fields = read_fields(request, run_id=required(text), artifact_path=required(text), description=text)
    run_for(caller.user, fields["run_id"], level=ExperimentPermission.Level.EDIT)
    version = create_once(request, create_model_version, model=name, user=caller.user, **fields)
    return JsonResponse({"model_version": model_version_json(version)}, status=201)


@endpoint(TokenScope.WRITE)
def point_alias(request: HttpRequest, caller: Caller, name: str, alias: str) -> JsonResponse:
    """Point an alias at a version."""
    version: int = read_fields(request, version=required(integer))["version"]
    require_alias_change(user=caller.user, model=name, alias=alias, version=version)
    found = set_alias(model=name, alias=alias, version=version)
    return JsonResponse({"alias": {"model": name, "alias": found.alias, "version": version}})
