"""Operations of several steps: purging, deploying, and how they stand."""

from django.http import HttpRequest, JsonResponse

from registry.api.answers import saga_json
from registry.api.authentication import Caller
from registry.api.idempotency import create_once
from registry.api.parsing import boolean, integer, read_fields, required, text
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.models import ExperimentPermission, Saga
from registry.queries.model_permissions import require_deployment
from registry.queries.permissions import experiment_with_id, run_for
from registry.queries.saga_permissions import require_dataset_purge, saga_for
from registry.services import purges
from registry.services.deployments import promote

MANAGE = ExperimentPermission.Level.MANAGE


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, saga_id: str) -> JsonResponse:
    """How an operation that the caller began stands."""
    return JsonResponse({"saga": saga_json(saga_for(caller.user, saga_id))})


@endpoint(TokenScope.ADMIN)
def purge_run(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """Delete a run for good."""
    run_for(caller.user, run_id, level=MANAGE)
    read_fields(request)
    return _begun(purges.purge_run(run_id=run_id, user=caller.user))


@endpoint(TokenScope.ADMIN)
def purge_experiment(request: HttpRequest, caller: Caller, experiment_id: str) -> JsonResponse:
    """Delete an experiment for good, with its runs."""
    experiment_with_id(caller.user, experiment_id, level=MANAGE)
    read_fields(request)
    return _begun(purges.purge_experiment(experiment_id=experiment_id, user=caller.user))


@endpoint(TokenScope.ADMIN)
def purge_dataset(request: HttpRequest, caller: Caller, name: str) -> JsonResponse:
    """Delete a dataset for good, with the runs that were trained on it where that is asked for."""
    with_runs: bool = read_fields(request, with_runs=boolean).get("with_runs", False)
    require_dataset_purge(user=caller.user, name=name, with_runs=with_runs)
    return _begun(purges.purge_dataset(name=name, with_runs=with_runs, user=caller.user))


@endpoint(TokenScope.WRITE)
def deploy(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Make a version the live one of an environment; where it is already, nothing is to be done."""
    fields = read_fields(
        request, model=required(text), version=required(integer), environment=required(text), endpoint=text
    )
    require_deployment(
        user=caller.user,
        model=fields["model"],
        version=fields["version"],
        environment=fields["environment"],
    )
    saga = create_once(request, promote, user=caller.user, **fields)
    return JsonResponse({"saga": None}) if saga is None else _begun(saga)


def _begun(saga: Saga) -> JsonResponse:
    return JsonResponse({"saga": saga_json(saga)}, status=202)
