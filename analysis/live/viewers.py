"""For whom a feed is rendered."""

from django.contrib.auth.models import User

from registry.exceptions import NotFoundError


def reader(pk: int) -> User:
    """An active user (one statement).

    Raises:
        NotFoundError: there is none any more.
    """
    user = User.objects.filter(pk=pk, is_active=True).first()
    if user is None:
        raise NotFoundError("The user is gone.")
    return user
