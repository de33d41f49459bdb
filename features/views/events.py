"""Events over the API: taken at once, kept and counted by consumers."""

from django.http import HttpRequest, JsonResponse

from features.activity.accepting import accept_events
from features.activity.shapes import events_in
from registry.api.authentication import Caller
from registry.api.parsing import objects, read_fields, required
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import BadInputError

from .permissions import require

MAY_ADD = "features.add_eventbatch"


@endpoint(TokenScope.WRITE)
def create(request: HttpRequest, caller: Caller) -> JsonResponse:
    """Take events, all or none; one that came before is known by its ``event_id`` and changes nothing."""
    require(caller.user, MAY_ADD)
    bodies = read_fields(request, events=required(objects))["events"]
    if not bodies:
        raise BadInputError("The list of events is empty.")
    accepted = accept_events(events=events_in(bodies))
    answer = {"new": accepted.new, "known": accepted.known}
    return JsonResponse({"accepted": answer}, status=202)
