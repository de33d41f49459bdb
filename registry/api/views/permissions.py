"""Levels of users in an experiment, for those who manage it."""

from django.http import HttpRequest, HttpResponse, JsonResponse

from registry.api.authentication import Caller
from registry.api.parsing import read_fields, required, text
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.models import ExperimentPermission
from registry.queries.permissions import experiment_with_id
from registry.queries.users import user_named
from registry.services.permissions import grant_permission, revoke_permission

MANAGE = ExperimentPermission.Level.MANAGE


@endpoint(TokenScope.ADMIN)
def listing(_request: HttpRequest, caller: Caller, experiment_id: str) -> JsonResponse:
    """Every user who has a level of their own."""
    experiment = experiment_with_id(caller.user, experiment_id, level=MANAGE)
    rows = experiment.permissions.order_by("user__username").values_list("user__username", "level")
    return JsonResponse({"permissions": [{"user": user, "level": level} for user, level in rows]})


@endpoint(TokenScope.ADMIN)
def grant(request: HttpRequest, caller: Caller, experiment_id: str, username: str) -> JsonResponse:
    """Give a user a level."""
    experiment = experiment_with_id(caller.user, experiment_id, level=MANAGE)
    level = read_fields(request, level=required(text))["level"]
    grant_permission(experiment=experiment, user=user_named(username), level=level, by=caller.user)
    return JsonResponse({"permission": {"user": username, "level": level}})


@endpoint(TokenScope.ADMIN)
def revoke(_request: HttpRequest, caller: Caller, experiment_id: str, username: str) -> HttpResponse:
    """Take a user's level back."""
    experiment = experiment_with_id(caller.user, experiment_id, level=MANAGE)
    revoke_permission(experiment=experiment, user=user_named(username), by=caller.user)
    return HttpResponse(status=204)
