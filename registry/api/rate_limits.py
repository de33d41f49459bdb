"""How often one may ask: by address, before anything else is done, and by token."""

from django.conf import settings
from django.http import HttpRequest

from registry.exceptions import RateLimitedError
from registry.limits.allowances import allowance

from .addresses import client_address
from .authentication import Caller


def spend_of_address(request: HttpRequest) -> None:
    """Count a request of this address.

    Raises:
        RateLimitedError: it has had ``RATE_LIMIT_ADDRESS_PER_MINUTE`` within a minute.
    """
    if limit := settings.RATE_LIMIT_ADDRESS_PER_MINUTE:
        _spend(f"address:{client_address(request)}", limit, "address")


def spend_of_caller(caller: Caller) -> None:
    """Count a request of this token, or of this user's password.

    Raises:
        RateLimitedError: it has had ``RATE_LIMIT_TOKEN_PER_MINUTE`` within a minute.
    """
    if limit := settings.RATE_LIMIT_TOKEN_PER_MINUTE:
        name = f"token:{caller.token.pk}" if caller.token else f"user:{caller.user.pk}"
        _spend(name, limit, "token")


def _spend(name: str, limit: int, of: str) -> None:
    wait = allowance(name, limit=limit).spend()
    if wait:
        raise RateLimitedError(
            f"This {of} may send {limit:,} requests a minute, and has. Retry-After says when to go on.",
            retry_after_seconds=wait,
        )
