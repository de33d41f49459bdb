"""Every failure as JSON: a code for programs, cause and cure for people, never a trace."""

import logging
import math
from dataclasses import dataclass, field, replace

from django.core.exceptions import RequestDataTooBig
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse, UnreadablePostError

from registry import exceptions
from registry.exceptions import RegistryError

from .authentication import CHALLENGE

logger = logging.getLogger(__name__)
RETRY_SECONDS = 10


class MethodNotAllowedError(RegistryError):
    """The route has other methods."""

    def __init__(self, methods: list[str]) -> None:
        self.allowed = ", ".join(methods)
        super().__init__(f"This address takes {self.allowed}.")


class UnsupportedMediaError(RegistryError):
    """The body is of a kind that the route does not read."""


class RequestTooLargeError(RegistryError):
    """The body passes what the route takes."""


@dataclass(frozen=True)
class Failure:
    """What to answer: ``message`` only where the error's own must not be shown."""

    status: int
    code: str
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)


RETRY = {"Retry-After": str(RETRY_SECONDS)}
AWAY = Failure(503, "store_unavailable", "PostgreSQL does not answer. Ask again shortly.", RETRY)
# The first class that fits decides.
FAILURES: tuple[tuple[type[Exception], Failure], ...] = (
    (
        exceptions.NotAuthenticatedError,
        Failure(401, "not_authenticated", "", {"WWW-Authenticate": CHALLENGE}),
    ),
    (exceptions.RateLimitedError, Failure(429, "rate_limited")),
    (exceptions.ForbiddenError, Failure(403, "forbidden")),
    (exceptions.NotFoundError, Failure(404, "not_found")),
    (MethodNotAllowedError, Failure(405, "method_not_allowed")),
    (exceptions.BodyTooLargeError, Failure(413, "too_large")),
    (exceptions.UploadTooLargeError, Failure(413, "too_large")),
    (RequestTooLargeError, Failure(413, "too_large")),
    (RequestDataTooBig, Failure(413, "too_large", "The body is too large. Send less at once.")),
    (UnsupportedMediaError, Failure(415, "unsupported_media_type")),
    (exceptions.BadInputError, Failure(400, "bad_input")),
    (UnreadablePostError, Failure(400, "bad_input", "The body ended early. Send it again.")),
    # MLflow's answer, too: a param never changes, so sending it again can't help
    (exceptions.ParamConflictError, Failure(400, "param_conflict")),
    (exceptions.IdempotencyKeyReusedError, Failure(422, "idempotency_key_reused")),
    (exceptions.RequestInFlightError, Failure(409, "request_in_flight", "", {"Retry-After": "1"})),
    (exceptions.StaleVersionError, Failure(412, "stale_version")),
    (exceptions.DuplicateNameError, Failure(409, "duplicate_name")),
    (exceptions.ConflictError, Failure(409, "conflict")),
    (exceptions.StoreUnavailableError, Failure(503, "store_unavailable", "", RETRY)),
    (exceptions.ArtifactError, Failure(503, "artifact_store", "", RETRY)),
    (OperationalError, AWAY),
    (InterfaceError, AWAY),
    (
        DataError,
        Failure(400, "bad_input", "A value can't be stored: it is out of range. Nothing was changed."),
    ),
    (IntegrityError, Failure(409, "conflict", "This contradicts what is recorded. Nothing was changed.")),
    (exceptions.RegistryError, Failure(400, "bad_input")),
)
UNKNOWN = Failure(500, "internal", "Something went wrong on our side; it has been logged.")


def failure_of(error: Exception) -> Failure:
    """What an error is answered with."""
    failure = next((failure for kind, failure in FAILURES if isinstance(error, kind)), UNKNOWN)
    if isinstance(error, exceptions.RateLimitedError):
        return replace(failure, headers={"Retry-After": str(math.ceil(error.retry_after_seconds))})
    return failure


def error_answer(error: Exception) -> HttpResponse:
    """``{"error": {"code": …, "message": cause and cure}}`` with the status that fits."""
    failure = failure_of(error)
    if failure is UNKNOWN:
        logger.error("An API request failed", exc_info=error)
    body = {"error": {"code": failure.code, "message": failure.message or str(error)}}
    headers = dict(failure.headers)
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = error.allowed
    return JsonResponse(body, status=failure.status, headers=headers)
