"""What the server says of itself, and addresses that lead nowhere."""

from typing import NoReturn

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.mlflow_api.errors import UnknownEndpointError

SPEAKS = "3.17.2"
"""The MLflow whose API this is; its client asks for it."""


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """That the process answers; ``/readyz`` says whether the stores do."""
    return HttpResponse("OK", content_type="text/plain")


@require_safe
def version(_request: HttpRequest) -> HttpResponse:
    """The version of MLflow's API."""
    return HttpResponse(SPEAKS, content_type="text/plain")


health.login_required = version.login_required = False  # type: ignore[attr-defined]


@endpoint(TokenScope.READ)
def nowhere(request: HttpRequest, _caller: Caller, rest: str) -> NoReturn:  # noqa: ARG001
    """404 in MLflow's words, for those with a token."""
    raise UnknownEndpointError(f"There is nothing at {request.path[:200]!r}. See docs/mlflow.md.")
