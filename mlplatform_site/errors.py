"""Pages for what no view could answer."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

from registry.exceptions import StoreUnavailableError

RETRY_SECONDS = 10
STORE_ERRORS = (OperationalError, InterfaceError, StoreUnavailableError)


def failure(request: HttpRequest) -> HttpResponse:
    """503 with cause and cure where a store does not answer, 500 for all else."""
    if not isinstance(sys.exception(), STORE_ERRORS):
        return server_error(request)
    # Without the request: its user is in the store that does not answer.
    page = render_to_string("503.html")
    return HttpResponse(page, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
