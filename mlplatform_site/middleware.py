"""Middleware of our own."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve

from registry.acting import acting_as
from registry.postgres.deadlines import within

DIRECTIVES = (
    "default-src 'self'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
)
POLICY = "; ".join(DIRECTIVES)
FOLDERS_FOR_PROGRAMS = ("/api/", "/predict/")
PATHS_FOR_PROGRAMS = {"/get-online-features", "/push", "/write-to-online-store"}


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Send a strict Content-Security-Policy with every answer that has none of its own."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def postgres_deadline(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let a request wait for PostgreSQL ``DB_REQUEST_DEADLINE_MS`` in all; the page is then a 503.

    What is streamed after the middleware has the deadline of each call alone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with within(settings.DB_REQUEST_DEADLINE_MS / 1_000):
            return get_response(request)

    return middleware


def is_for_programs(path: str) -> bool:
    """Whether programs ask there, with a token, and never browsers."""
    return path in PATHS_FOR_PROGRAMS or path.startswith(FOLDERS_FOR_PROGRAMS)


def programs_go_straight(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Hand requests of programs to their view, past sessions, cookies, CSRF, messages and static files.

    Views under these addresses look at the header ``Authorization`` alone, answer every error themselves
    and are all made by :func:`registry.api.routing.route` (a test holds that).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if not is_for_programs(path):
            return get_response(request)
        request.get_host()  # refuses hosts that are not ours
        found = resolve(path)
        request.resolver_match = found
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        if isinstance(response, HttpResponse):
            response.headers["Content-Length"] = str(len(response.content))
        return response

    return middleware


class LoginMiddleware(LoginRequiredMiddleware):
    """Asks who comes only where a login is wanted: a probe sent by a browser needs no store either."""

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Django's own, the other way round."""
        if not getattr(view_func, "login_required", True):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)


class ActingMiddleware:
    """What a page changes is changed by whoever is logged in, on the web (for the audit trail).

    Views without a login, such as probes and the API, know better themselves, and their requests must
    not need the session's store.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; whoever was at work no longer is afterwards."""
        with ExitStack() as stack:
            request.at_the_end = stack  # type: ignore[attr-defined]
            return self._get_response(request)

    def process_view(self, request: HttpRequest, view_func: Any, _args: Any, _kwargs: Any) -> None:
        """Say who is at work, now that it is known whether the view wants a login."""
        if getattr(view_func, "login_required", True):
            request.at_the_end.enter_context(  # type: ignore[attr-defined]
                acting_as(user=request.user, channel="web")
            )
