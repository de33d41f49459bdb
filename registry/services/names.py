"""Checks of names and keys that several services share."""

from registry.documents import plain
from registry.exceptions import BadInputError

MAX_NAME = 255
MAX_KEY = 250


def checked_name(name: str, *, what: str, limit: int = MAX_NAME) -> str:
    """A name that is not blank and fits ``limit`` characters.

    Raises:
        BadInputError: it is or does not.
    """
    if not name.strip():
        raise BadInputError(f"{what} is blank.")
    return checked_text(name, what=what, limit=limit)


def checked_key(key: object, *, what: str) -> str:
    """A key that is text, not blank, and fits 250 characters.

    Raises:
        BadInputError: it is not.
    """
    if not isinstance(key, str):
        raise BadInputError(f"{what} {key!r} is a {type(key).__name__}; it must be text.")
    if not key.strip():
        raise BadInputError(f"{what} is blank.")
    return checked_text(key, what=f"{what} {key[:50]!r}", limit=MAX_KEY)


def checked_text(text: str, *, what: str, limit: int = MAX_NAME) -> str:
    """A text that PostgreSQL can hold, of at most ``limit`` characters.

    Raises:
        BadInputError: it can't, or is longer.
    """
    if len(text) > limit:
        raise BadInputError(f"{what} has {len(text)} characters; it may have {limit}.")
    return plain.check_text(text, where=what)
