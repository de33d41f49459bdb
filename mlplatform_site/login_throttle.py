"""The login pages, ours and the admin's: guessing is slowed down, and told in words.

A browser that logged in before keeps a cookie that says so. Its failures are its own: whoever guesses at a
user's password from many addresses uses up the user name's failures, not those of the user's own browsers.
"""

import math
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from registry.api.addresses import client_address
from registry.api.attempts import Attempt, attempt_of, plain_name
from registry.exceptions import RateLimitedError

LOGINS = {"login", "admin:login"}
COOKIE = "mlplatform_device"
SALT = "login.device"
REMEMBERED_SECONDS = 90 * 24 * 3_600


class LoginThrottleMiddleware:
    """Counts attempts to log in; refuses them before a password is hashed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer; an attempt that did not fail is taken back."""
        response = self._get_response(request)
        attempt: Attempt | None = getattr(request, "login_attempt", None)
        if attempt is not None:
            attempt.end()
        if username := getattr(request, "logged_in_as", ""):
            _remember_browser(response, username)
        return response

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, _kwargs: Any) -> HttpResponse | None:
        """Count it, after the check against CSRF: another site's form uses up nobody's failures."""
        found = request.resolver_match
        if request.method != "POST" or found is None or found.view_name not in LOGINS:
            return None
        username = plain_name(request.POST.get("username", ""))
        attempt = attempt_of(
            address=client_address(request), username=username, device=_device(request, username)
        )
        try:
            attempt.begin()
        except RateLimitedError as error:
            return _refused(request, error)
        request.login_attempt = attempt  # type: ignore[attr-defined]
        return None


def note_failure(request: HttpRequest | None = None, **_: Any) -> None:
    """Django tried a password, and it was wrong."""
    attempt: Attempt | None = getattr(request, "login_attempt", None)
    if attempt is not None:
        attempt.failed()


def note_success(request: HttpRequest | None = None, user: Any = None, **_: Any) -> None:
    """Somebody logged in on this page."""
    if getattr(request, "login_attempt", None) is not None:
        request.logged_in_as = user.get_username()  # type: ignore[union-attr]


def connect() -> None:
    """Listen to Django's logins."""
    user_login_failed.connect(note_failure, dispatch_uid="login_throttle.failure")
    user_logged_in.connect(note_success, dispatch_uid="login_throttle.success")


def _device(request: HttpRequest, username: str) -> str:
    """The browser's number, where this user logged in from it; empty otherwise."""
    try:
        cookie = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=REMEMBERED_SECONDS)
    except signing.BadSignature:
        return ""
    return str(cookie["device"]) if cookie["user"] == username else ""


def _remember_browser(response: HttpResponse, username: str) -> None:
    cookie = signing.dumps({"user": username, "device": secrets.token_hex(8)}, salt=SALT)
    response.set_cookie(
        COOKIE, cookie, max_age=REMEMBERED_SECONDS, httponly=True, samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def _refused(request: HttpRequest, error: RateLimitedError) -> HttpResponse:
    seconds = math.ceil(error.retry_after_seconds)
    response = render(request, "429.html", {"minutes": math.ceil(seconds / 60)}, status=429)
    response.headers["Retry-After"] = str(seconds)
    return response
