"""Where a page ended, as a token that only we can make, and that is good for the same search only."""

import hashlib

import orjson
from django.core import signing

from registry.exceptions import BadInputError
from registry.queries.search.pages import Place

SALT = "registry.mlflow_api.page"
DIGEST_BYTES = 12


def page_token(place: Place | None, *, search: object) -> str | None:
    """The token of the page that follows a place; None where none follows.

    Args:
        search: all that the pages of one search have in common, as JSON can tell it.
    """
    if place is None:
        return None
    return signing.dumps([_digest(search), *place], salt=SALT, compress=True)


def place_in(token: str, *, search: object) -> Place | None:
    """The place that a token tells; None for an empty one.

    Raises:
        BadInputError: it is none of ours, or of another search.
    """
    if not token:
        return None
    try:
        digest, *place = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise BadInputError("Invalid page token: it is none that this server gave.") from error
    if digest != _digest(search):
        raise BadInputError("Invalid page token: it belongs to a search with other fields.")
    return tuple(place)


def _digest(search: object) -> str:
    return hashlib.blake2b(orjson.dumps(search), digest_size=DIGEST_BYTES).hexdigest()
