"""Where a browser goes after it has sent something."""

from http import HTTPStatus

from django.http import HttpResponseRedirect


def see_other(address: str) -> HttpResponseRedirect:
    """303: whatever was sent is done, and the page at the address is asked for by GET."""
    return HttpResponseRedirect(address, status=HTTPStatus.SEE_OTHER)
