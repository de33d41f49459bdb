"""Guessing passwords and tokens, slowed down.

A password is tried only while its address and its user name have failures left; they are counted before
it is tried, so that many tries at once are no more than their number, and a right one is taken back.
A token can't be guessed, so a good one always opens; what is slowed down is sending bad ones.
"""

import hashlib
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from registry.exceptions import RateLimitedError
from registry.limits.allowance import Allowance
from registry.limits.allowances import allowance

LONGEST_NAME = 150


def plain_name(username: str) -> str:
    """A user name as Django's login form reads it: however it is spelled, it is one user."""
    return unicodedata.normalize("NFKC", username.strip()).strip()[:LONGEST_NAME]


class Attempt:
    """One try of a password."""

    def __init__(self, windows: list[Allowance]) -> None:
        self._windows = windows
        self._counted: list[Allowance] = []
        self._has_failed = False

    def begin(self) -> None:
        """Count it as failed (a call a window).

        Raises:
            RateLimitedError: too many failed lately; it must not be made.
        """
        for window in self._windows:
            if wait := window.spend():
                self.end()
                raise _too_many(wait)
            self._counted.append(window)

    def failed(self) -> None:
        """The password was wrong."""
        self._has_failed = True

    def end(self) -> None:
        """Take it back, unless it failed (a call a window)."""
        for window in () if self._has_failed else self._counted:
            window.put_back()


def attempt_of(*, address: str, username: str, device: str = "") -> Attempt:
    """An attempt that may begin.

    Args:
        device: a browser that this user has logged in from before. It has failures of its own, so that
            whoever uses up those of the user name, or of a proxy's address, does not shut out its owner.
    """
    return Attempt(_windows(address, username, device))


@contextmanager
def password_attempt(*, address: str, username: str) -> Iterator[Attempt]:
    """Try a password in this block, and say on the attempt if it was wrong.

    Raises:
        RateLimitedError: too many failed lately; nothing was tried.
    """
    attempt = attempt_of(address=address, username=username)
    attempt.begin()
    try:
        yield attempt
    finally:
        attempt.end()


def token_failed(*, address: str) -> None:
    """Count a bad token.

    Raises:
        RateLimitedError: this address has sent too many lately.
    """
    limit = settings.LOGIN_FAILURES_PER_ADDRESS
    if limit and (wait := _window(f"bad-token:{address}", limit).spend()):
        raise _too_many(wait)


def _windows(address: str, username: str, device: str) -> list[Allowance]:
    """Those of the address and of the user name, or the one of a known device; a limit of 0 is none."""
    by_address, by_user = settings.LOGIN_FAILURES_PER_ADDRESS, settings.LOGIN_FAILURES_PER_USER
    if device:
        return [_window(f"bad-login-device:{device}", by_address)] if by_address else []
    name = hashlib.sha256(plain_name(username).casefold().encode(errors="replace")).hexdigest()[:32]
    wanted = ((f"bad-login:{address}", by_address), (f"bad-login-user:{name}", by_user))
    return [_window(window, limit) for window, limit in wanted if limit]


def _window(name: str, limit: int) -> Allowance:
    return allowance(name, limit=limit, seconds=settings.LOGIN_FAILURES_SECONDS, is_exact=True)


def _too_many(wait: float) -> RateLimitedError:
    return RateLimitedError(
        "Too many failed attempts. Nothing was tried; Retry-After says when to try again.",
        retry_after_seconds=wait,
    )
