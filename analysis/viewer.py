"""Who looks at a page."""

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


def viewer_of(request: HttpRequest) -> User:
    """The person who is logged in; the site lets nobody else see its pages."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
