"""What callers of the API may do."""

from django.contrib.auth.models import User

from registry.exceptions import ForbiddenError


def require(user: User, *any_of: str) -> None:
    """Go on with one of these permissions alone.

    Raises:
        ForbiddenError: the user has none of them.
    """
    if not any(map(user.has_perm, any_of)):
        raise ForbiddenError(f"The user {user.get_username()} may not do this ({any_of[-1]}).")
