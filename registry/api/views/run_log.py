"""What a run logs while it goes on: metrics, epochs, notes."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from registry.api.authentication import Caller
from registry.api.idempotency import create_once
from registry.api.parsing import (
    checked_fields,
    integer,
    mapping,
    metric_value,
    metric_values,
    objects,
    read_fields,
    required,
    text,
)
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.models import ExperimentPermission
from registry.queries.permissions import run_for
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.run_log import add_note, log_epoch
from registry.sync.run_notes.notes import run_notes

EDIT = ExperimentPermission.Level.EDIT
SAMPLE = {
    "key": required(text),
    "value": required(metric_value),
    "step": required(integer),
    "timestamp_ms": required(integer),
}


@endpoint(TokenScope.WRITE)
def metrics(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """Log metric points, all or none; one that is there already is left alone."""
    run_for(caller.user, run_id, level=EDIT)
    fields = read_fields(request, metrics=required(objects))
    points = [_sample(each) for each in fields["metrics"]]
    log_metrics(run_id=run_id, points=points)
    return JsonResponse({"logged": len(points)})


@endpoint(TokenScope.WRITE)
def epochs(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """Log an epoch: its metrics at this step, and a record of it."""
    run_for(caller.user, run_id, level=EDIT)
    fields = read_fields(request, epoch=required(integer), metrics=required(metric_values), details=mapping)
    log_epoch(run_id=run_id, **fields)
    return JsonResponse({"epoch": fields["epoch"]})


@endpoint(TokenScope.READ)
def note_list(_request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """The first thousand notes of a run, in the order of their time."""
    run = run_for(caller.user, run_id)
    return JsonResponse(
        {"notes": [{"note_id": each.key, **each.entry} for each in run_notes(run, query="api")]}
    )


@endpoint(TokenScope.WRITE)
def notes(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """Add a note."""
    run_for(caller.user, run_id, level=EDIT)
    fields = read_fields(request, text=required(text))
    create_once(request, add_note, run_id=run_id, user=caller.user, **fields)
    return JsonResponse({"note": {"run_id": run_id, **fields}}, status=201)


def _sample(given: dict[str, Any]) -> MetricSample:
    return MetricSample(**checked_fields(given, SAMPLE))
