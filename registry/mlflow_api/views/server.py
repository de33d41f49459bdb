"""What the server says of itself, and addresses that lead nowhere."""

from typing import NoReturn

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.mlflow_api.errors import NotSupportedError, UnknownEndpointError
from registry.mlflow_api.unsupported import what_is_asked

SPEAKS = "3.17.2"
"""The MLflow whose API this is; its client asks for it."""
INFO = {
    "store_type": "SqlStore",
    "workspaces_enabled": False,
    "trace_archival_enabled": False,
    "multipart_uploads_enabled": False,
    "multipart_downloads_enabled": False,
    "presigned_upload_run_id_supported": False,
    "presigned_upload_model_id_supported": False,
    "features_enabled": {},
}


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
def info(_request: HttpRequest, _caller: Caller) -> HttpResponse:
    """What the client may use; it asks before its first download and before a large upload."""
    return JsonResponse(INFO)


@endpoint(TokenScope.READ)
def nowhere(request: HttpRequest, _caller: Caller, rest: str) -> NoReturn:  # noqa: ARG001
    """501 for what is MLflow's alone, else 404: in MLflow's words, for those with a token.

    The client takes a 404 for an older server and asks again in an older way; a 501 it believes.
    """
    job = what_is_asked(request.path)
    if job:
        raise NotSupportedError(
            f"{job[0].upper()}{job[1:]}: not supported by this server. See docs/mlflow.md."
        )
    raise UnknownEndpointError(f"There is nothing at {request.path[:200]!r}. See docs/mlflow.md.")
