"""Probes for a load balancer: short, without secrets, without a login."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from features.queries.stores import store_healths

READY_SECONDS = 2.0


@login_not_required
@never_cache
@require_safe
def livez(_request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 while PostgreSQL can be used; the other stores' states are told beside it."""
    states = {health.store: str(health.state) for health in store_healths(deadline_seconds=READY_SECONDS)}
    is_ready = states["postgresql"] != "down"
    answer = {"status": "ok" if is_ready else "unavailable", "stores": states}
    return JsonResponse(answer, status=200 if is_ready else 503)
