"""Addresses under the API that lead nowhere."""

from typing import NoReturn

from django.http import HttpRequest

from registry.api.authentication import Caller
from registry.api.routing import endpoint
from registry.enums import TokenScope
from registry.exceptions import NotFoundError


@endpoint(TokenScope.READ)
def nowhere(request: HttpRequest, _caller: Caller, rest: str) -> NoReturn:  # noqa: ARG001
    """404 in JSON, for those with a token; strangers learn nothing about which addresses exist."""
    raise NotFoundError(f"There is nothing at {request.path[:200]!r}. See docs/api.md for what there is.")
