"""Promising effects on other stores: the rows that commit with the change, or not at all.

A service calls :func:`promise` inside its transaction. One statement keeps the part of the body,
owes MongoDB (and Redis, where it is concerned) the document, and writes the audit entry. After
commit the writer delivers at once (:mod:`registry.sync.delivery`); what is left then is the relay's
(:mod:`registry.sync.relay`). Rows hold ids only: the state is read when it is applied, so any number
of changes to one document is one write.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection, transaction

from registry.acting import actor
from registry.crash_points import crash_point
from registry.documents import plain
from registry.enums import OutboxTarget
from registry.models import OutboxEntry

from .bodies import checksum
from .wakeup import wake_relay

HEADSTART_SECONDS = 1
RUN_CHANGED = "run.changed"

PROMISE = f"""
kept AS (
    INSERT INTO registry_bodypart (collection, document_id, part, owner_id, version, checksum, payload)
    SELECT %(collection)s, %(document_id)s, %(part)s, %(owner_id)s, %(version)s, %(checksum)s, %(payload)s
    FROM made
    ON CONFLICT (collection, document_id, part) DO UPDATE SET version = excluded.version,
        checksum = excluded.checksum, payload = excluded.payload, written_at = now()
), noted AS (
    INSERT INTO registry_auditentry
        (user_id, username, channel, token_prefix, action, subject_type, subject_id, details)
    SELECT %(user_id)s, %(username)s, %(channel)s, %(token_prefix)s, %(action)s, %(subject_type)s,
        %(owner_id)s, '{{}}'
    FROM made WHERE %(action)s <> ''
)
INSERT INTO registry_outboxentry
    (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
SELECT target, topic, %(owner_id)s, document_id, %(version)s, 0, 0,
    now() + make_interval(secs => {HEADSTART_SECONDS}), ''
FROM made, (VALUES ({OutboxTarget.MONGODB.value}, %(collection)s, %(document_id)s),
             ({OutboxTarget.REDIS.value}, '{RUN_CHANGED}', '')) AS owed (target, topic, document_id)
WHERE target = {OutboxTarget.MONGODB.value} OR %(is_served)s
RETURNING aggregate_id
"""  # noqa: S608 (made of constants)

PROMISE_TYPES = {
    **dict.fromkeys(("collection", "document_id", "part", "owner_id", "action", "subject_type"), "text"),
    **dict.fromkeys(("username", "channel", "token_prefix"), "text"),
    "version": "int4",
    "checksum": "int8",
    "payload": "bytea",
    "user_id": "int8",
    "is_served": "bool",
}
"""The types of its parameters, for a prepared statement."""


@dataclass(frozen=True)
class Part:
    """One piece of a document: fields to set, and leaves at paths."""

    name: str
    set: dict[str, Any] = field(default_factory=dict)
    leaves: Sequence[dict[str, Any]] = ()

    def packed(self) -> bytes:
        """The piece in BSON.

        Raises:
            BodyTooLargeError: it passes what MongoDB takes.
        """
        return plain.packed({"set": self.set, "leaves": list(self.leaves)})


class _Owners(threading.local):
    """Whose documents this thread's transaction has promised."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.is_left_to_the_relay = False


_promised = _Owners()


def promise(
    *,
    collection: str,
    document_id: str,
    owner_id: str,
    version: int,
    part: Part,
    action: str = "",
    is_served: bool = False,
    is_urgent: bool = True,
) -> None:
    """Keep a part and owe its document to the other stores, in the running transaction (one statement).

    Args:
        owner_id: the public id of the run or experiment, ``version`` the version that it has now.
        action: what the audit trail says; empty for what it leaves out.
        is_served: whether Redis serves something made of it.
        is_urgent: deliver after commit; False leaves it to the owner's next delivery, or the relay.

    Raises:
        RuntimeError: no transaction is open.
        BodyTooLargeError: the part passes what MongoDB takes.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("promise() belongs inside the transaction that makes the change.")
    promised = Promise(collection, document_id, owner_id, version, part, action, is_served=is_served)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH made AS (SELECT 1), {PROMISE}", promised.values())
    crash_point("write.before_commit")
    if is_urgent:
        deliver_after_commit(owner_id)


@dataclass(frozen=True)
class Promise:
    """What :func:`promise` writes, as values for ``PROMISE``; see there.

    A statement that makes a row itself goes before it as ``WITH … made AS (…)``: nothing is promised
    where it made none, and ``aggregate_id`` is returned for each store that is owed.
    """

    collection: str
    document_id: str
    owner_id: str
    version: int
    part: Part
    action: str = ""
    is_served: bool = False

    def values(self) -> dict[str, Any]:
        """The statement's parameters.

        Raises:
            BodyTooLargeError: the part passes what MongoDB takes.
        """
        payload = self.part.packed()
        return {
            "collection": self.collection,
            "document_id": self.document_id,
            "part": self.part.name,
            "owner_id": self.owner_id,
            "version": self.version,
            "checksum": checksum(self.part.name, self.version, payload),
            "payload": payload,
            "action": self.action,
            "subject_type": self.action.partition(".")[0],
            "is_served": self.is_served,
        } | actor().signature


class Debt(NamedTuple):
    """An effect that a store is owed; ``owner_id`` is whose delivery it belongs to."""

    target: OutboxTarget
    topic: str
    owner_id: str
    version: int = 0
    document_id: str = ""


def owe(debts: Sequence[Debt]) -> None:
    """Owe stores effects that come without a part, in the running transaction; delivered after its commit."""
    OutboxEntry.objects.bulk_create(
        OutboxEntry(
            target=debt.target,
            topic=debt.topic,
            aggregate_id=debt.owner_id,
            document_id=debt.document_id,
            aggregate_version=debt.version,
        )
        for debt in debts
    )
    for owner_id in {debt.owner_id for debt in debts}:
        deliver_after_commit(owner_id)


def deliver_after_commit(owner_id: str) -> None:
    """Deliver what an owner is owed once the running transaction is committed, all owners at once."""
    if not any(hook[1] is _deliver_promised for hook in connection.run_on_commit):
        _promised.ids.clear()  # of a transaction that was rolled back
    _promised.ids.add(owner_id)
    # robust: the change is committed; nothing that fails from here on may tell the caller otherwise
    transaction.on_commit(_deliver_promised, robust=True)


@contextmanager
def only_promised() -> Iterator[None]:
    """Leave what is promised inside to the relay: for work in bulk, where nobody waits for MongoDB."""
    before, _promised.is_left_to_the_relay = _promised.is_left_to_the_relay, True
    try:
        yield
    finally:
        _promised.is_left_to_the_relay = before


def _deliver_promised() -> None:
    from .delivery import deliver  # noqa: PLC0415 (the targets import this module)

    owners, _promised.ids = _promised.ids, set()
    if not owners:
        return
    if _promised.is_left_to_the_relay:
        wake_relay()
    else:
        crash_point("write.after_commit")
        deliver(owners)
