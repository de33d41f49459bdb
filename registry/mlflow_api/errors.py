"""Every failure as MLflow tells it: ``{"error_code": …, "message": …}`` with the status that fits.

What a user did wrong is never a 5xx, nor a 429 but for asking too often: the client sends those again.
"""

import logging
from typing import NamedTuple

import orjson
from django.http import HttpResponse

from registry.api.errors import UNKNOWN, MethodNotAllowedError, failure_of
from registry.exceptions import RegistryError

logger = logging.getLogger(__name__)


class NotSupportedError(RegistryError):
    """The endpoint is MLflow's, and outside this platform's job."""


class UnknownEndpointError(RegistryError):
    """There is no such endpoint, here or in MLflow."""


class MlflowFailure(NamedTuple):
    """MLflow's word for a failure, and its HTTP status."""

    code: str
    status: int


INVALID = MlflowFailure("INVALID_PARAMETER_VALUE", 400)
OWN: tuple[tuple[type[Exception], MlflowFailure], ...] = (
    (NotSupportedError, MlflowFailure("NOT_IMPLEMENTED", 501)),
    (UnknownEndpointError, MlflowFailure("ENDPOINT_NOT_FOUND", 404)),
)
# The platform's code of a failure (registry.api.errors) → MLflow's.
CODES = {
    "not_authenticated": MlflowFailure("UNAUTHENTICATED", 401),
    "forbidden": MlflowFailure("PERMISSION_DENIED", 403),
    "not_found": MlflowFailure("RESOURCE_DOES_NOT_EXIST", 404),
    "method_not_allowed": MlflowFailure("ENDPOINT_NOT_FOUND", 405),
    "too_large": MlflowFailure("INVALID_PARAMETER_VALUE", 413),
    "unsupported_media_type": MlflowFailure("BAD_REQUEST", 415),
    "rate_limited": MlflowFailure("REQUEST_LIMIT_EXCEEDED", 429),
    "duplicate_name": MlflowFailure("RESOURCE_ALREADY_EXISTS", 400),
    "store_unavailable": MlflowFailure("TEMPORARILY_UNAVAILABLE", 503),
    "artifact_store": MlflowFailure("TEMPORARILY_UNAVAILABLE", 503),
    "internal": MlflowFailure("INTERNAL_ERROR", 500),
}


def answer_error(error: Exception) -> HttpResponse:
    """MLflow's answer to an error."""
    failure = failure_of(error)
    told = next((told for kind, told in OWN if isinstance(error, kind)), CODES.get(failure.code, INVALID))
    if failure is UNKNOWN:
        logger.error("An MLflow request failed", exc_info=error)
    body = {"error_code": told.code, "message": failure.message or str(error)}
    headers = dict(failure.headers)
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = error.allowed
    return HttpResponse(
        orjson.dumps(body), status=told.status, content_type="application/json", headers=headers
    )
