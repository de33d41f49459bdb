"""Creating once, however often the request comes."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpRequest

from registry.exceptions import BadInputError

Made = TypeVar("Made")
MAX_KEY = 200


def create_once(request: HttpRequest, service: Callable[..., Made], **arguments: Any) -> Made:
    """Call a service that creates, with the request's ``Idempotency-Key`` if it has one.

    Raises:
        BadInputError: the key is not between 1 and 200 printable ASCII characters.
        IdempotencyKeyReusedError: it came with another request before.
        RequestInFlightError: the first request has not ended yet.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise BadInputError(f"An Idempotency-Key has between 1 and {MAX_KEY} printable ASCII characters.")
    return service(idempotency_key=key, **arguments)
