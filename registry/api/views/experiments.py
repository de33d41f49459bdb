"""Experiments."""

from django.http import HttpRequest, JsonResponse

from registry.api.answers import experiment_answer, experiment_json
from registry.api.authentication import Caller
from registry.api.idempotency import create_once
from registry.api.parsing import mapping, read_fields, required, text, text_mapping
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.queries.permissions import experiment_with_id
from registry.services.experiments import create_experiment


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Create an experiment, which the caller then manages."""
    fields = read_fields(request, name=required(text), description=text, tags=text_mapping, custom=mapping)
    experiment = create_once(request, create_experiment, user=caller.user, **fields)
    return experiment_answer(experiment, status=201)


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, experiment_id: str) -> JsonResponse:
    """One experiment."""
    experiment = experiment_with_id(caller.user, experiment_id)
    headers = {"ETag": f'"{experiment.version}"'}
    return JsonResponse({"experiment": experiment_json(experiment)}, headers=headers)
