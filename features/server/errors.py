"""Failures as Feast tells them: a JSON text with JSON in it, which its client raises as its own error."""

import logging

import orjson
from django.http import HttpResponse

from registry.api.errors import UNKNOWN, MethodNotAllowedError, failure_of
from registry.exceptions import BadInputError, NotFoundError

logger = logging.getLogger(__name__)


class NameCollisionError(BadInputError):
    """Two features would have one name in the answer."""


class UnknownPushSourceError(NotFoundError):
    """There is nothing to push to by this name."""


class UnknownViewError(NotFoundError):
    """There is no view to write to by this name."""


# The first that fits decides: our error, Feast's class.
OWN: tuple[tuple[type[Exception], str], ...] = (
    (NameCollisionError, "FeatureNameCollisionError"),
    (UnknownPushSourceError, "PushSourceNotFoundException"),
    (UnknownViewError, "FeastObjectNotFoundException"),
)
CLASSES = {
    "not_authenticated": "FeastPermissionError",
    "forbidden": "FeastPermissionError",
    "not_found": "FeatureViewNotFoundException",
}


def answer_error(error: Exception) -> HttpResponse:
    """Feast's answer to an error, with our status: 500 is ours alone, never the client's mistake."""
    failure = failure_of(error)
    if failure is UNKNOWN:
        logger.error("A request to the feature server failed", exc_info=error)
    told = next((told for kind, told in OWN if isinstance(error, kind)), None)
    detail = {
        "module": "feast.errors",
        "class": told or CLASSES.get(failure.code, "FeastError"),
        "message": failure.message or str(error),
    }
    headers = dict(failure.headers)
    if isinstance(error, MethodNotAllowedError):
        headers["Allow"] = error.allowed
    body = orjson.dumps(orjson.dumps(detail).decode())
    return HttpResponse(body, status=failure.status, content_type="application/json", headers=headers)
