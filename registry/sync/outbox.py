"""The one place where PostgreSQL and MongoDB meet.

A service calls :func:`promise` inside its transaction; the row that says what MongoDB is owed
commits with the change itself, or not at all. After commit :func:`deliver` applies it at once. If
MongoDB does not answer, the row stays and :func:`deliver_due` applies it later: nothing is lost and
the caller is never told that a committed change failed.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import bson
import pymongo
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from pymongo import UpdateOne
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError

from registry.documents import plain
from registry.documents.connection import collection
from registry.enums import OutboxStatus, OutboxTarget
from registry.models import OutboxEntry

from .effects import TOPICS

logger = logging.getLogger(__name__)
CODEC = bson.CodecOptions(tz_aware=True)  # type: ignore[var-annotated]
BATCH = 500
# DocumentValidationFailure, BSONObjectTooLarge, BadValue, Overflow, DollarPrefixedFieldName
PERMANENT_CODES = {121, 10334, 17280, 17419, 2, 15, 52}

CONFIRM = """
WITH done AS (DELETE FROM registry_outboxentry WHERE id = ANY(%(ids)s)
              RETURNING topic, aggregate_id, aggregate_version),
     seen AS (SELECT aggregate_id, max(aggregate_version) AS version, min(topic) AS topic FROM done
              GROUP BY aggregate_id),
     runs AS (UPDATE registry_trainingrun r SET body_version = greatest(r.body_version, s.version)
              FROM seen s WHERE s.topic LIKE 'run%%' AND r.run_id = s.aggregate_id::uuid
              AND r.body_version < s.version)
UPDATE registry_experiment e SET body_version = greatest(e.body_version, s.version)
FROM seen s WHERE s.topic LIKE 'experiment%%' AND e.experiment_id = s.aggregate_id
"""


def promise(*, topic: str, aggregate_id: str, version: int, payload: dict[str, Any]) -> OutboxEntry:
    """Owe MongoDB an effect, in the running transaction, and deliver it after commit.

    Raises:
        RuntimeError: no transaction is open.
        BodyTooLargeError: the effect passes what MongoDB takes.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("promise() belongs inside the transaction that makes the change.")
    entry = OutboxEntry.objects.create(
        target=OutboxTarget.MONGODB,
        topic=topic,
        aggregate_id=aggregate_id,
        aggregate_version=version,
        payload=plain.packed(payload),
        next_at=timezone.now() + dt.timedelta(seconds=1),
    )
    # robust: the change is committed; nothing that fails from here on may tell the caller otherwise
    transaction.on_commit(lambda: deliver([entry]), robust=True)
    return entry


def deliver(entries: Iterable[OutboxEntry]) -> int:
    """Apply effects to MongoDB and forget those that took; returns how many did.

    A store that does not answer leaves the rows for later. A document that MongoDB will never take
    is parked with its reason. Never raises for MongoDB's sake.
    """
    todo = list(entries)
    try:
        with pymongo.timeout(settings.MONGODB_TIMEOUT_MS / 1_000):
            refused = _apply(todo)
    except PyMongoError as error:
        logger.warning("MongoDB did not take %d effects, they wait in the outbox: %s", len(todo), error)
        ids = [entry.pk for entry in todo]
        OutboxEntry.objects.filter(pk__in=ids).update(
            attempts=F("attempts") + 1, last_error=str(error)[:2_000]
        )
        return 0
    for entry, reason in refused:
        OutboxEntry.objects.filter(pk=entry.pk).update(status=OutboxStatus.PARKED, last_error=reason[:2_000])
    parked = {entry.pk for entry, _ in refused}
    done = [entry.pk for entry in todo if entry.pk not in parked]
    with connection.cursor() as cursor:
        cursor.execute(CONFIRM, {"ids": done})
    return len(done)


def deliver_due() -> int:
    """Deliver everything that is due, batch by batch; returns how many effects took."""
    total = 0
    while True:
        with transaction.atomic():
            batch = list(
                OutboxEntry.objects.select_for_update(skip_locked=True)
                .filter(status=OutboxStatus.DUE, target=OutboxTarget.MONGODB)
                .order_by("id")[:BATCH]
            )
            done = deliver(batch) if batch else 0
        total += done
        if len(batch) < BATCH or not done:
            return total


def _apply(entries: list[OutboxEntry]) -> list[tuple[OutboxEntry, str]]:
    """Write to MongoDB; returns the entries that it will never take, each with the reason."""
    by_collection = defaultdict(list)
    for entry in entries:
        payload = bson.decode(entry.payload, CODEC)
        name, operation = TOPICS[entry.topic](entry.aggregate_id, entry.aggregate_version, payload)
        by_collection[name].append((entry, operation))
    refused = []
    for name, pairs in by_collection.items():
        refused += _write(name, pairs)
    return refused


def _write(name: str, pairs: list[tuple[OutboxEntry, UpdateOne]]) -> list[tuple[OutboxEntry, str]]:
    """One bulk write; where MongoDB refuses it whole, one write an effect, to find the culprit."""
    try:
        collection(name).bulk_write([operation for _, operation in pairs], ordered=False)
    except BulkWriteError as error:
        return _permanently_refused(error, [entry for entry, _ in pairs])
    except (DocumentTooLarge, OperationFailure) as error:
        if isinstance(error, OperationFailure) and error.code not in PERMANENT_CODES:
            raise
        if len(pairs) == 1:
            return [(pairs[0][0], str(error))]
        return [refusal for pair in pairs for refusal in _write(name, [pair])]
    return []


def _permanently_refused(error: BulkWriteError, entries: list[OutboxEntry]) -> list[tuple[OutboxEntry, str]]:
    failures = error.details.get("writeErrors", [])
    if error.details.get("writeConcernErrors") or any(f["code"] not in PERMANENT_CODES for f in failures):
        raise error
    return [(entries[failure["index"]], failure["errmsg"]) for failure in failures]
