"""Bringing the bodies of runs to MongoDB: batch by batch, from where the last one was committed.

Each batch is one transaction: the parts made of rows, what the other stores are owed, and the
checkpoint. What is owed is delivered at once, in bulk; what does not take stays the relay's.
"""

import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from registry.crash_points import crash_point
from registry.documents.heads import heads_of
from registry.enums import OutboxStatus, OutboxTarget
from registry.exceptions import StoreUnavailableError
from registry.models import Backfill, OutboxEntry
from registry.postgres.one_at_a_time import one_at_a_time

from . import relay
from .backfill import Refused, deliver_bodies, is_there, promise_given, without_start
from .backfill_check import Progress, Verification, verify
from .backfill_choice import BATCH, Choice, RunKey, page_of
from .reconcile.unkept import keep_bodies
from .row_bodies import Given

LOCK = 0x6261636B  # "back": one walk at a time
MOST_REFUSALS = 100

# Every document of these runs, once, as it stands when it is delivered; what waits already is enough.
OWE_AGAIN = f"""
INSERT INTO registry_outboxentry
    (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
SELECT {OutboxTarget.MONGODB.value}, collection, owner_id, document_id, max(version), 0,
    {OutboxStatus.DUE.value}, now(), ''
FROM registry_bodypart p
WHERE owner_id = ANY(%s) AND NOT EXISTS (SELECT FROM registry_outboxentry o
    WHERE o.aggregate_id = p.owner_id AND o.document_id = p.document_id AND o.topic = p.collection
    AND o.target = {OutboxTarget.MONGODB.value} AND o.status = {OutboxStatus.DUE.value})
GROUP BY collection, owner_id, document_id
"""  # noqa: S608 (made of constants)


@dataclass(frozen=True)
class Resumed:
    """The walk goes on where an earlier one was cut off."""

    started_at: dt.datetime
    looked_at: int
    total: int


@dataclass(frozen=True)
class Migrated:
    """What a walk did, with the runs a second of the time that its batches took."""

    backfill: Backfill
    verification: Verification
    runs_per_second: float


def migrate(choice: Choice, *, batch: int = BATCH) -> Iterator[Progress | Resumed | Migrated]:
    """Bring bodies to MongoDB, then compare the stores; yields progress, then what was done.

    May be repeated, and killed at any point: the next call with the same choice goes on.

    Raises:
        NotFoundError: no such experiment.
        ConflictError: another backfill is at work.
    """
    with one_at_a_time(LOCK, otherwise="Another backfill is at work. Wait until it has ended."):
        backfill, is_resumed = _begun(choice)
        if is_resumed:
            yield Resumed(backfill.started_at, backfill.looked_at, backfill.total)
        seconds, before = backfill.working_seconds, backfill.looked_at
        while page := page_of(choice, backfill.last_run, batch):
            _walk(backfill, page)
            yield Progress("Bodies", backfill.looked_at, max(backfill.total, backfill.looked_at))
        seconds = backfill.working_seconds - seconds
        yield from _delivered()
        backfill.ended_at = timezone.now()
        backfill.save(update_fields=["ended_at", "working_seconds"])
        for step in verify(choice.runs(), with_logs=choice.is_again, only_chosen=choice.is_narrow):
            if isinstance(step, Progress):
                yield step
                continue
            backfill.is_verified = step.is_good
            backfill.save(update_fields=["is_verified"])
            done = backfill.looked_at - before
            yield Migrated(backfill, step, done / seconds if seconds else 0.0)


def _begun(choice: Choice) -> tuple[Backfill, bool]:
    """The walk with this choice that was cut off, or a new one."""
    chosen = choice.values()
    backfill = Backfill.objects.filter(**chosen, ended_at=None).first()
    if backfill is None:
        return Backfill.objects.create(**chosen, total=choice.runs().count()), False
    backfill.total = backfill.looked_at + choice.runs().filter(pk__gt=backfill.last_run).count()
    return backfill, True


def _walk(backfill: Backfill, page: Sequence[RunKey]) -> None:
    began = time.perf_counter()
    missing = without_start([run.run_id for run in page])
    copied, waiting = _copied([run for run in page if run.run_id in missing])
    wanted = [run_id for run_id in missing if run_id not in copied and run_id not in waiting]
    refused: Refused = {}
    with transaction.atomic():
        backfill.made += promise_given(wanted, Given(), refused) + len(copied)
        if backfill.is_again:
            backfill.sent_again += _owe_again([run.run_id for run in page if run.run_id not in missing])
        backfill.looked_at += len(page)
        backfill.last_run = page[-1].pk
        backfill.waiting += len(waiting)
        _note(backfill, refused)
        backfill.save()
        crash_point("backfill.before_commit")
    crash_point("backfill.after_commit")
    deliver_bodies([run.run_id for run in page] if backfill.is_again else [*copied, *wanted])
    # saved with the next batch
    backfill.working_seconds += time.perf_counter() - began


def _copied(runs: Sequence[RunKey]) -> tuple[set[str], set[str]]:
    """Runs whose documents an older release left in MongoDB, now copied; runs that may have such a one.

    Only the second where MongoDB does not answer: theirs may be the only copy, so nothing is made of
    the row that would take its place.
    """
    try:
        older = [head.document_id for head in heads_of("runs", [run.run_id for run in runs])] if runs else []
        keep_bodies("runs", older)
    except StoreUnavailableError:
        return set(), {run.run_id for run in runs if run.body_version}
    return set(older) - without_start(older).keys(), set()


def _owe_again(run_ids: Sequence[str]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(OWE_AGAIN, [list(run_ids)])
        return int(cursor.rowcount)


def _note(backfill: Backfill, refused: Refused) -> None:
    backfill.refused += len(refused)
    room = MOST_REFUSALS - len(backfill.refusals)
    backfill.refusals |= dict(list(refused.items())[:room])


def _delivered() -> Iterator[Progress]:
    """What an earlier walk promised and could not deliver, and what was late, where MongoDB is there."""
    total = OutboxEntry.objects.filter(status=OutboxStatus.DUE).count()
    if total and is_there():
        yield Progress("Delivering", 0, total)
        relay.drain()
        yield Progress("Delivering", total, total)
