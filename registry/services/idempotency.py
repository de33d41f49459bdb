"""Idempotency keys: the same request twice makes one thing.

The key's row commits with what it made. A request that finds its key taken waits for the other to
end, then gives what that one made; a key that comes with another request is refused.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg2.errors import LockNotAvailable

from registry.acting import actor
from registry.exceptions import BadInputError, IdempotencyKeyReusedError, RequestInFlightError
from registry.models import IdempotencyKey

KEPT = dt.timedelta(hours=48)
WAIT_SECONDS = 2
MAX_KEY = 200
Made = TypeVar("Made")

CLAIM = f"""
SELECT set_config('lock_timeout', '{WAIT_SECONDS}s', true);
INSERT INTO registry_idempotencykey (scope, key, fingerprint) VALUES (%s, %s, %s)
ON CONFLICT (scope, key) DO NOTHING RETURNING id
"""  # noqa: S608 (made of constants)


def make_once(
    *,
    operation: str,
    key: str | None,
    request: Mapping[str, Any],
    make: Callable[[], tuple[str, Made]],
    find: Callable[[str], Made],
) -> Made:
    """Make a thing, or find what the first request with this key made.

    Args:
        operation: the kind of request; keys of one user and operation are told apart.
        key: up to 200 characters chosen by the caller, kept for 48 hours; None makes it anyway.
        request: everything that the result depends on.
        make: makes the thing inside the running transaction; returns its public id and itself.
        find: the thing with this public id.

    Raises:
        IdempotencyKeyReusedError: the key came with another request before.
        RequestInFlightError: the first request has not ended within two seconds.
        BadInputError: the key is blank or too long.
    """
    if key is None:
        with transaction.atomic():
            return make()[1]
    if not key.strip() or len(key) > MAX_KEY:
        raise BadInputError(f"An idempotency key has 1 to {MAX_KEY} characters, not {len(key)}.")
    scope, fingerprint = f"{actor().username}:{operation}", _fingerprint(request)
    with transaction.atomic():
        key_id = _claim(scope, key, fingerprint)
        if key_id is not None:
            public_id, made = make()
            IdempotencyKey.objects.filter(pk=key_id).update(response={"id": public_id})
            return made
    taken = IdempotencyKey.objects.get(scope=scope, key=key)
    if bytes(taken.fingerprint) != fingerprint:
        raise IdempotencyKeyReusedError(
            f"The idempotency key {key!r} was used for another request. Use a new key for each request."
        )
    return find((taken.response or {})["id"])


def purge_keys() -> int:
    """Delete keys that are older than 48 hours; returns how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT).delete()
    return deleted


def _claim(scope: str, key: str, fingerprint: bytes) -> int | None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(CLAIM, [scope, key, fingerprint])
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise RequestInFlightError(
                f"The request with the idempotency key {key!r} is still being worked on."
                " Ask again in a moment, with the same key."
            ) from error
        row = cursor.fetchone()
    return row[0] if row else None


def _fingerprint(request: Mapping[str, Any]) -> bytes:
    try:
        text = json.dumps(request, default=str, sort_keys=True)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"The request can't be read: {error}. Keys must be text.") from error
    return hashlib.sha256(text.encode()).digest()
