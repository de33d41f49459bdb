"""Who asks: a token as Bearer, or a user name with a token or a password as Basic.

Cookies count for nothing here, so no other site's page can act for a person who is logged in, and no CSRF
token is needed. Only Bearer is offered in the challenge: a browser that is asked for Basic remembers the
password and then sends it along with requests that other sites' pages make.
"""

import base64
import binascii
import hashlib
import time
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import authenticate as check_password
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from registry.documents import plain
from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotAuthenticatedError
from registry.models import ApiToken
from registry.services.api_tokens import PREFIX, verify_token

CHALLENGE = 'Bearer realm="ML Platform"'
ALL_SCOPES = frozenset(TokenScope.values)
MAX_CREDENTIALS = 4_096
MAX_REMEMBERED = 1_000


@dataclass(frozen=True)
class Caller:
    """The user at the other end and what their credentials allow; ``token`` is None for a password."""

    user: User
    scopes: frozenset[str]
    token: ApiToken | None = None

    @property
    def token_prefix(self) -> str:
        """The token's first characters, for the audit trail; empty for a password."""
        return self.token.prefix if self.token else ""


# Digest of the credentials → who they are, and until when that is believed.
_remembered: dict[bytes, tuple[Caller, float]] = {}


def authenticate(request: HttpRequest) -> Caller:
    """The caller, by the header ``Authorization`` alone.

    Credentials that were good a moment ago (``CREDENTIALS_KEPT_MS``) are, so a token that is revoked
    works that much longer.

    A token is looked up by its digest and a password is hashed even for an unknown user, so the time
    taken tells nothing about either.

    Raises:
        NotAuthenticatedError: no credentials, or none that we accept; it is not told which.
    """
    header = request.headers.get("Authorization", "")
    if len(header) > MAX_CREDENTIALS:
        raise _refused()
    digest = hashlib.sha256(header.encode(errors="replace")).digest()
    remembered = _remembered.get(digest)
    if remembered is not None and time.monotonic() < remembered[1]:
        return remembered[0]
    caller = _checked(header)
    _remember(digest, caller)
    return caller


def _checked(header: str) -> Caller:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(credentials.strip())
    if scheme.lower() == "basic":
        return _by_name(*_decoded(credentials.strip()))
    raise _refused()


def _remember(digest: bytes, caller: Caller) -> None:
    """Spare a busy client's next requests the look-up (and the hashing of a password), for a moment."""
    if settings.CREDENTIALS_KEPT_MS:
        if len(_remembered) >= MAX_REMEMBERED:
            _remembered.clear()
        _remembered[digest] = caller, time.monotonic() + settings.CREDENTIALS_KEPT_MS / 1_000


def _by_token(text: str) -> Caller:
    token = verify_token(text)
    if token is None:
        raise _refused()
    return Caller(token.user, frozenset(token.scopes), token)


def _by_name(username: str, secret: str) -> Caller:
    if secret.startswith(PREFIX):
        caller = _by_token(secret)
        if not constant_time_compare(caller.user.get_username(), username):
            raise _refused()
        return caller
    user = check_password(username=username, password=secret)
    if not isinstance(user, User):
        raise _refused()
    return Caller(user, ALL_SCOPES)


def _decoded(credentials: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(credentials, validate=True).decode()
        plain.check_text(text, where="The credentials")
    except (binascii.Error, ValueError, BadInputError) as error:
        raise _refused() from error
    username, separator, secret = text.partition(":")
    if not separator:
        raise _refused()
    return username, secret


def _refused() -> NotAuthenticatedError:
    return NotAuthenticatedError(
        "This needs a valid token: send it as 'Authorization: Bearer <token>',"
        " or as the password of your user name with Basic. Make one with: manage.py api_token issue."
    )
