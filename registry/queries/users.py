"""Finding users by name."""

from django.contrib.auth.models import User

from registry.documents import plain
from registry.exceptions import NotFoundError


def user_named(username: str) -> User:
    """The user with this name (one statement).

    Raises:
        NotFoundError: there is none.
        BadInputError: no name can be like that.
    """
    plain.check_text(username, where="The user name")
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFoundError(f"There is no user named {username[:150]!r}.")
    return user
