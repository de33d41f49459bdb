"""Runs: starting, reading, changing, ending, the bin."""

from collections.abc import Callable

from django.http import HttpRequest, JsonResponse

from registry.api.answers import details_json, run_answer, run_json
from registry.api.authentication import Caller
from registry.api.idempotency import change_once, create_once
from registry.api.parsing import mapping, read_fields, required, text, text_mapping
from registry.api.routing import Endpoint, endpoint
from registry.enums import TokenScope
from registry.models import ExperimentPermission, TrainingRun
from registry.queries.permissions import experiment_for, run_for
from registry.queries.runs import run_summary
from registry.services.run_changes import change_run
from registry.services.runs import delete_run, end_run, restore_run, resume_run, start_run

EDIT = ExperimentPermission.Level.EDIT


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Start a run in an experiment that the caller may edit."""
    fields = read_fields(
        request,
        experiment=required(text), name=text, model_name=text, framework=text, dataset=text, run_id=text,
        parent_run_id=text, config=mapping, tags=text_mapping, environment=mapping,
    )  # fmt: skip
    experiment_for(caller.user, fields["experiment"], level=EDIT)
    if "parent_run_id" in fields:
        run_for(caller.user, fields["parent_run_id"])
    run = create_once(request, start_run, user=caller.user, **fields)
    return run_answer(run, status=201)


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """One run as PostgreSQL has it."""
    run = run_for(caller.user, run_id)
    body = run_json(run) | details_json(run_summary(run_id))
    return JsonResponse({"run": body}, headers={"ETag": f'"{run.version}"'})


@endpoint(TokenScope.WRITE)
def change(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """Add params, set tags, replace custom metadata: all of it or nothing."""
    run_for(caller.user, run_id, level=EDIT)
    fields = read_fields(request, params=mapping, tags=text_mapping, custom=mapping)
    return run_answer(change_once(request, change_run, run_id=run_id, **fields))


@endpoint(TokenScope.WRITE)
def end(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """End a run; ending it again in the same way changes nothing."""
    run_for(caller.user, run_id, level=EDIT)
    fields = read_fields(request, status=text, failure_reason=text)
    return run_answer(change_once(request, end_run, run_id=run_id, **fields))


def _plain(service: Callable[..., TrainingRun]) -> Endpoint:
    """An endpoint that takes no fields."""

    @endpoint(TokenScope.WRITE)
    def view(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
        run_for(caller.user, run_id, level=EDIT)
        read_fields(request)
        return run_answer(change_once(request, service, run_id=run_id))

    return view


delete = _plain(delete_run)
restore = _plain(restore_run)
resume = _plain(resume_run)
