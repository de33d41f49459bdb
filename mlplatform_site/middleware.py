"""Middleware of our own."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

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
