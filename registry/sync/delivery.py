"""Delivering at once what owners are owed: the writer's fast path, and what reads repair.

Never raises for another store's sake: what does not take stays for the relay.
"""

import logging
from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from registry.crash_points import crash_point
from registry.enums import OutboxStatus, OutboxTarget
from registry.exceptions import StoreUnavailableError
from registry.models import OutboxEntry

from .targets import TARGETS, Entry, Refusal, TargetUnavailableError
from .wakeup import wake_relay

logger = logging.getLogger(__name__)
MOST = 5_000  # rows, of which many may be one document

OWED = f"""
SELECT id, target, topic, aggregate_id, document_id, aggregate_version, attempts FROM registry_outboxentry
WHERE aggregate_id = ANY(%s) AND status = {OutboxStatus.DUE.value} ORDER BY target, id LIMIT {MOST}
"""  # noqa: S608 (made of constants)
CONFIRM = f"""
WITH done AS (DELETE FROM registry_outboxentry WHERE id = ANY(%(ids)s)
              RETURNING target, topic, aggregate_id, aggregate_version),
     seen AS (SELECT aggregate_id, max(aggregate_version) AS version, min(topic) AS topic FROM done
              WHERE target = {OutboxTarget.MONGODB.value} GROUP BY aggregate_id),
     runs AS (UPDATE registry_trainingrun r SET body_version = least(r.version, s.version)
              FROM seen s WHERE s.topic LIKE 'run%%' AND r.run_id = s.aggregate_id::uuid
              AND r.body_version < s.version)
UPDATE registry_experiment e SET body_version = least(e.version, s.version)
FROM seen s WHERE s.topic = 'experiments' AND e.experiment_id = s.aggregate_id
AND e.body_version < s.version
"""  # noqa: S608 (made of constants)
NOTE = """
UPDATE registry_outboxentry o SET last_error = left(n.reason, 2000), status = n.status
FROM unnest(%(ids)s::int8[], %(reasons)s::text[], %(statuses)s::int2[]) AS n (id, reason, status)
WHERE o.id = n.id
"""


def deliver(owner_ids: Collection[str], *, seconds: float | None = None) -> int:
    """Apply what these runs and experiments are owed, the first 5,000 effects; returns how many took.

    Args:
        seconds: a store's deadline; the short one of ``FAST_PATH_TIMEOUT_MS`` where none is given.

    Raises:
        DatabaseError, InterfaceError: PostgreSQL went away.
    """
    with connection.cursor() as cursor:
        cursor.execute(OWED, [list(owner_ids)])
        owed = [Entry(*row) for row in cursor.fetchall()]
    deadline = settings.FAST_PATH_TIMEOUT_MS / 1_000 if seconds is None else seconds
    taken = 0
    for target, group in groupby(owed, key=lambda entry: entry.target):
        entries = list(group)
        try:
            taken += apply(target, entries, seconds=deadline)
        except TargetUnavailableError as error:
            logger.warning("%d effects wait in the outbox: %s", len(entries), error)
            wake_relay()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            # Unforeseen, and no reason to fail whoever writes or reads: the relay tries again, and parks.
            logger.exception("%d effects wait in the outbox", len(entries))
    return taken


def apply(target: int, entries: Sequence[Entry], *, seconds: float) -> int:
    """Apply effects to one store and forget those that took, park those that it will never take.

    Returns:
        How many took.

    Raises:
        TargetUnavailableError: the store did not answer; the rows say so and stay.
    """
    if target not in TARGETS:
        raise TargetUnavailableError(f"Nobody here delivers to {OutboxTarget(target).label}.")
    try:
        refused = TARGETS[target].apply(entries, seconds=seconds)
    except TargetUnavailableError as error:
        if error.taken:
            confirm([entry.id for entry in error.taken])
        keep([(entry, str(error)) for entry in entries])
        raise
    crash_point("relay.after_apply")
    park(refused)
    parked = {entry.id for entry, _ in refused}
    taken = [entry.id for entry in entries if entry.id not in parked]
    confirm(taken)
    return len(taken)


def confirm(ids: Sequence[int]) -> None:
    """Forget effects that took, and say on runs and experiments which version MongoDB has."""
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, {"ids": list(ids)})
    crash_point("deliver.after_confirm")


def require_delivered(owner_id: str, *, otherwise: str) -> None:
    """Deliver what an owner is owed; for the last step of a saga.

    Raises:
        StoreUnavailableError: something is owed still; ``otherwise`` says what.
    """
    deliver([owner_id])
    if OutboxEntry.objects.filter(aggregate_id=owner_id).exists():
        raise StoreUnavailableError(otherwise)


def park(refusals: Sequence[Refusal]) -> None:
    """Set effects aside for a person, with the reason."""
    _note(refusals, OutboxStatus.PARKED)


def keep(refusals: Sequence[Refusal]) -> None:
    """Leave effects due, with what went wrong."""
    _note(refusals, OutboxStatus.DUE)


def _note(refusals: Sequence[Refusal], status: OutboxStatus) -> None:
    if not refusals:
        return
    values: dict[str, Any] = {
        "ids": [entry.id for entry, _ in refusals],
        "reasons": [reason for _, reason in refusals],
        "statuses": [status.value] * len(refusals),
    }
    with connection.cursor() as cursor:
        cursor.execute(NOTE, values)
