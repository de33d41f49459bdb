"""A run from every store."""

from typing import Any

from django.http import HttpRequest, JsonResponse

from registry.api.answers import details_json, run_json
from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.documents.plain import as_json
from registry.documents.store import at_most
from registry.enums import TokenScope
from registry.exceptions import StoreUnavailableError
from registry.models import TrainingRun
from registry.queries.permissions import run_for
from registry.queries.runs import run_summary
from registry.sync.run_bodies import run_body

BODY_SECONDS = 2.0


@endpoint(TokenScope.READ)
def read(_request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """One run, each part with its freshness; a store that is away is told in its part."""
    run = run_for(caller.user, run_id)
    record = run_json(run) | details_json(run_summary(run_id))
    parts = {"postgresql": {"state": "current", "version": run.version}, "mongodb": _body(run)}
    return JsonResponse({"run": record, "stores": parts}, headers={"ETag": f'"{run.version}"'})


def _body(run: TrainingRun) -> dict[str, Any]:
    try:
        with at_most(BODY_SECONDS):
            found = run_body(run)
    except StoreUnavailableError as error:
        return {"state": "unavailable", "reason": str(error)}
    state = "missing" if found.body is None else "current" if found.is_current else "behind"
    return {
        "state": state,
        "version": found.version,
        "wanted_version": found.wanted_version,
        "waiting": found.waiting,
        "body": as_json(found.body),
    }
