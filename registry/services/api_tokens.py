"""Issuing, verifying and revoking API tokens."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from registry.enums import TokenScope
from registry.exceptions import BadInputError, NotFoundError
from registry.models import ApiToken
from registry.sync.audit import record

from .names import checked_name

PREFIX = "mlp_"
SHOWN_CHARACTERS = 12
MAX_NAME = 100
MAX_DAYS = 3_650
USE_NOTED_EVERY = dt.timedelta(minutes=1)


def issue_token(
    *, user: User, name: str, scopes: Iterable[str], expires_in_days: int = 90
) -> tuple[str, ApiToken]:
    """Issue a token; one of the same user and name is replaced.

    Returns:
        The token's text, which is shown this once and never kept, and its row.

    Raises:
        BadInputError: the name, a scope or the term is not acceptable.
    """
    wanted = sorted(set(scopes))
    if not wanted or not set(wanted) <= set(TokenScope.values):
        raise BadInputError(f"A token needs scopes out of {', '.join(TokenScope.values)}; not {wanted}.")
    if not 1 <= expires_in_days <= MAX_DAYS:
        raise BadInputError(f"A token lasts between 1 and {MAX_DAYS} days, not {expires_in_days}.")
    checked_name(name, what="The token's name", limit=MAX_NAME)
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        # Two that issue under one name at once take turns; the later one stays.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        ApiToken.objects.filter(user=user, name=name).delete()
        token = ApiToken.objects.create(
            user=user,
            name=name,
            prefix=text[:SHOWN_CHARACTERS],
            sha256=_digest(text),
            scopes=wanted,
            expires_at=timezone.now() + dt.timedelta(days=expires_in_days),
        )
        details = {"name": name, "scopes": wanted, "prefix": token.prefix}
        record(action="token.issue", subject_id=user.get_username(), details=details)
    return text, token


def verify_token(text: str) -> ApiToken | None:
    """The token with its user, or None where it is unknown, expired, revoked or its user inactive.

    Looked up by its digest, so the time taken tells nothing about how much of it was right.
    """
    now = timezone.now()
    usable = ApiToken.objects.filter(revoked_at=None, expires_at__gt=now, user__is_active=True)
    token = usable.select_related("user").filter(sha256=_digest(text)).first()
    due = now - USE_NOTED_EVERY
    if token is not None and (token.last_used_at is None or token.last_used_at < due):
        stale = Q(last_used_at=None) | Q(last_used_at__lt=due)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def find_usable_token(token_id: int) -> ApiToken | None:
    """A token that was verified before, if it may still be used, with its user (one statement)."""
    usable = ApiToken.objects.filter(revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)
    return usable.select_related("user").filter(pk=token_id).first()


def revoke_token(*, token_id: int) -> ApiToken:
    """Revoke a token for good; revoking it again changes nothing.

    Raises:
        NotFoundError: there is none.
    """
    with transaction.atomic():
        token = (
            ApiToken.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(pk=token_id)
            .first()
        )
        if token is None:
            raise NotFoundError("There is no such token.")
        if token.revoked_at is None:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            details = {"name": token.name, "prefix": token.prefix}
            record(action="token.revoke", subject_id=token.user.get_username(), details=details)
    return token


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="replace")).digest()
