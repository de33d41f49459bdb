"""A training process elsewhere says that it is at work."""

from django.http import HttpRequest, JsonResponse

from features.online import heartbeats
from features.online.heartbeats import Beat
from registry.api.authentication import Caller
from registry.api.parsing import integer, read_fields, text
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError
from registry.models import ExperimentPermission
from registry.queries.permissions import run_for

MOST_LETTERS = 200
MOST_PID = 2**31


@endpoint(TokenScope.WRITE)
def beat(request: HttpRequest, caller: Caller, run_id: str) -> JsonResponse:
    """Give a sign of life for a run; all fields may be left out."""
    run = run_for(caller.user, run_id, level=ExperimentPermission.Level.EDIT)
    fields = {"host": "", "pid": 0, **read_fields(request, host=text, pid=integer)}
    if len(fields["host"]) > MOST_LETTERS or not 0 <= fields["pid"] < MOST_PID:
        raise BadInputError(f"A host has at most {MOST_LETTERS} letters, and a pid is a number from 0.")
    heartbeats.put(Beat(run.run_id, caller.user.get_username(), "api", **fields))
    return JsonResponse({"heartbeat": {"run_id": run.run_id, **fields}})
