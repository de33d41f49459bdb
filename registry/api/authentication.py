"""Who asks: a token as Bearer, or a user name with a token or a password as Basic.

Cookies count for nothing here, so no other site's page can act for a person who is logged in, and no CSRF
token is needed. Only Bearer is offered in the challenge: a browser that is asked for Basic remembers the
password and then sends it along with requests that other sites' pages make.
"""

import base64
import binascii
import hashlib
import time
from dataclasses import dataclass, replace

from django.conf import settings
from django.contrib.auth import authenticate as check_password
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from psycopg2.errors import LockNotAvailable, QueryCanceled

from registry.breakers import POSTGRESQL, State
from registry.documents import plain
from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotAuthenticatedError
from registry.models import ApiToken
from registry.postgres.deadlines import PostgresDeadlineError
from registry.services.api_tokens import PREFIX, verify_token

from .addresses import client_address
from .attempts import password_attempt, token_failed

CHALLENGE = 'Bearer realm="ML Platform"'
ALL_SCOPES = frozenset(TokenScope.values)
MAX_CREDENTIALS = 4_096
MAX_REMEMBERED = 1_000
READING = frozenset({TokenScope.READ.value})
SLOW = (PostgresDeadlineError, QueryCanceled, LockNotAvailable)


@dataclass(frozen=True)
class Caller:
    """The user at the other end and what their credentials allow.

    Attributes:
        token: None for a password.
        is_believed: they were good a while ago, and PostgreSQL is away; they only read.
    """

    user: User
    scopes: frozenset[str]
    token: ApiToken | None = None
    is_believed: bool = False

    @property
    def token_prefix(self) -> str:
        """The token's first characters, for the audit trail; empty for a password."""
        return self.token.prefix if self.token else ""


# Digest of the credentials → who they are, and until when that is believed.
_remembered: dict[bytes, tuple[Caller, float]] = {}


def authenticate(request: HttpRequest) -> Caller:
    """The caller, by the header ``Authorization`` alone.

    Credentials that were good a moment ago (``CREDENTIALS_KEPT_MS``) are, so a token that is revoked
    works that much longer. While PostgreSQL is away, those that were good within
    ``CREDENTIALS_KEPT_AWAY_SECONDS``, and were not refused since, still read: what is served from memory and
    Redis goes on.

    A token is looked up by its digest and a password is hashed even for an unknown user, so the time
    taken tells nothing about either.

    Raises:
        NotAuthenticatedError: no credentials, or none that we accept; it is not told which.
        RateLimitedError: this address or this user name failed too often lately.
    """
    header = request.headers.get("Authorization", "")
    if len(header) > MAX_CREDENTIALS:
        raise _refused()
    digest = hashlib.sha256(header.encode(errors="replace")).digest()
    remembered = _remembered.get(digest)
    if remembered is not None and time.monotonic() < remembered[1]:
        return remembered[0]
    address = client_address(request)
    try:
        caller = _asked_again(header, address, *remembered) if remembered else _checked(header, address)
    except NotAuthenticatedError:
        _remembered.pop(digest, None)
        raise
    if not caller.is_believed:
        _remember(digest, caller)
    return caller


def _asked_again(header: str, address: str, known: Caller, until: float) -> Caller:
    """Who it is now; while PostgreSQL is away the same as before, to read.

    One that is only slow is waited for as ever: what it may be about to say of the credentials counts.
    """
    try:
        return _checked(header, address)
    except (OperationalError, InterfaceError) as error:
        if not _is_away(error) or not _may_go_on(known, until):
            raise
    return replace(known, scopes=known.scopes & READING, is_believed=True)


def _is_away(error: Exception) -> bool:
    """Whether PostgreSQL can't be asked at all, by the breaker or by what went wrong: not merely slow."""
    return POSTGRESQL.state is not State.CLOSED or not isinstance(error.__cause__, SLOW)


def _may_go_on(caller: Caller, until: float) -> bool:
    """Whether credentials that were good until then hold while nobody can be asked about them."""
    is_expired = caller.token is not None and caller.token.expires_at <= timezone.now()
    return not is_expired and time.monotonic() < until + settings.CREDENTIALS_KEPT_AWAY_SECONDS


def _checked(header: str, address: str) -> Caller:
    scheme, _, credentials = header.partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(credentials.strip(), address)
    if scheme.lower() == "basic":
        username, secret = _decoded(credentials.strip())
        if secret.startswith(PREFIX):
            return _by_token(secret, address, username=username)
        return _by_password(username, secret, address)
    raise _refused()


def _remember(digest: bytes, caller: Caller) -> None:
    """Spare a busy client's next requests the look-up (and the hashing of a password), for a moment."""
    if settings.CREDENTIALS_KEPT_MS:
        if len(_remembered) >= MAX_REMEMBERED:
            _remembered.clear()
        _remembered[digest] = caller, time.monotonic() + settings.CREDENTIALS_KEPT_MS / 1_000


def _by_token(text: str, address: str, *, username: str | None = None) -> Caller:
    token = verify_token(text)
    is_theirs = username is None or (
        token is not None and constant_time_compare(token.user.get_username(), username)
    )
    if token is None or not is_theirs:
        token_failed(address=address)
        raise _refused()
    return Caller(token.user, frozenset(token.scopes), token)


def _by_password(username: str, password: str, address: str) -> Caller:
    with password_attempt(address=address, username=username) as attempt:
        user = check_password(username=username, password=password)
        if not isinstance(user, User):
            attempt.failed()
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
