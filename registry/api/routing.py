"""The one way to make a view of the API: shut unless it says which scope opens it.

>>> urlpatterns = [path("runs/<str:run_id>", route(GET=run_read, PATCH=run_change))]

``route`` takes endpoints only, and :func:`endpoint` takes a scope, so no view can forget its check. The
same functions serve other APIs (MLflow's) with an answer to errors of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from registry.acting import acting_as
from registry.counting import count
from registry.documents import plain
from registry.enums import TokenScope
from registry.exceptions import ForbiddenError, StoreUnavailableError

from .authentication import Caller, authenticate
from .errors import MethodNotAllowedError, error_answer
from .rate_limits import spend_of_address, spend_of_caller

View = Callable[..., HttpResponseBase]
ErrorAnswer = Callable[[Exception], HttpResponseBase]
CallerOf = Callable[[HttpRequest], Caller]


@dataclass(frozen=True)
class Endpoint:
    """What a route does for one method: ``view(request, caller, **parts of the path)``."""

    view: View
    scope: TokenScope


class Route(Protocol):
    """A Django view with its endpoints by method, for the tests that walk all routes."""

    endpoints: dict[str, Endpoint]

    def __call__(self, request: HttpRequest, **path: Any) -> HttpResponseBase:
        """Answer a request."""


def endpoint(scope: TokenScope) -> Callable[[View], Endpoint]:
    """Make a view an endpoint that credentials with this scope may call."""
    return lambda view: Endpoint(view, scope)


def route(*, api: str = "platform", answer_error: ErrorAnswer = error_answer, **endpoints: Endpoint) -> Route:
    """A Django view that counts, authenticates, picks the method's endpoint, checks its scope and calls it.

    Every exception becomes an answer in JSON.

    Args:
        api: what its requests are counted under, and who is said to speak.
    """
    return route_of(authenticate, answer_error, api, **endpoints)


def route_of(caller_of: CallerOf, answer_error: ErrorAnswer, api: str, /, **endpoints: Endpoint) -> Route:
    """The same with another way to authenticate, for credentials that open one route alone."""

    def dispatch(request: HttpRequest, **path: Any) -> HttpResponseBase:
        try:
            spend_of_address(request)
            caller = caller_of(request)
            spend_of_caller(caller)
            for name, part in path.items():
                plain.check_text(part, where=f"The {name} in the address")
            view = _chosen(request, endpoints, caller).view
            with acting_as(user=caller.user, channel="api", token_prefix=caller.token_prefix, client=api):
                response = view(request, caller, **path)
        except Exception as error:  # noqa: BLE001 (the edge: whatever it is, the answer is JSON)
            response = answer_error(error)
        response.headers.setdefault("Cache-Control", "private, no-store")
        count(f"requests.{api}.{_outcome(response.status_code)}")
        return response

    dispatch.endpoints = endpoints  # type: ignore[attr-defined]
    dispatch.login_required = False  # type: ignore[attr-defined]  # authenticate() takes its place
    dispatch.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is looked at
    return dispatch  # type: ignore[return-value]


def _outcome(status: int) -> str:
    """A word for the counters."""
    if status < HTTPStatus.BAD_REQUEST:
        return "served"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return "throttled"
    return "refused" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"


def _chosen(request: HttpRequest, endpoints: dict[str, Endpoint], caller: Caller) -> Endpoint:
    method = "GET" if request.method == "HEAD" else str(request.method)
    if method not in endpoints:
        raise MethodNotAllowedError(sorted(endpoints))
    found = endpoints[method]
    if found.scope not in caller.scopes:
        if caller.is_believed:
            raise StoreUnavailableError("PostgreSQL does not answer; until it does, nothing can be changed.")
        raise ForbiddenError(f"This token has no scope {found.scope.value!r}. Issue one that has it.")
    return found
