"""Run notes in MongoDB's ``run_logs``, promised as parts of their buckets."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Max, QuerySet

from registry.documents import plain
from registry.documents.run import BUCKET_SIZE
from registry.documents.store import find_log_buckets_of
from registry.enums import OutboxTarget
from registry.models import BodyPart, OutboxEntry, TrainingRun
from registry.sync.delivery import deliver
from registry.sync.dual_write.sides import Key, Record
from registry.sync.outbox import Debt, owe
from registry.sync.run_body import promise_log_entry

from .records import by_owner, entry_of, locked_runs, record_of

COLLECTION = "run_logs"
NOTE = ":note:"
BULK_SECONDS = 10.0
LAG = """
SELECT count(*) FROM registry_outboxentry o WHERE o.topic = 'run_logs' AND o.document_id LIKE '%%:note:%%'
AND (%(scope)s = '' OR o.aggregate_id IN (SELECT replace(r.run_id::text, '-', '') FROM registry_trainingrun r
    JOIN registry_experiment e ON e.id = r.experiment_id WHERE e.experiment_id = %(scope)s))
"""


class MongoDBSide:
    """The old place of notes: what it holds is made of parts in PostgreSQL, delivered through the outbox."""

    title = "MongoDB"

    def read(self, owner_ids: Sequence[str]) -> dict[Key, Record]:
        """All notes of these runs (one query, of MongoDB itself)."""
        found = {}
        for bucket in find_log_buckets_of(owner_ids, "note"):
            for note_id, entry in bucket["entries"].items():
                found[Key(bucket["run_id"], note_id)] = _record(plain.decode(entry))
        return found

    def copy(self, records: Mapping[Key, Record]) -> None:
        """Promise notes, each as a version of its run; one that has a part stays in its bucket."""
        entries = {key: entry_of(key, record) for key, record in records.items()}
        grouped = by_owner(records.keys())
        for run_id, run in locked_runs(grouped.keys()).items():
            ordered = sorted(grouped[run_id], key=lambda key: entries[key]["at"])
            _promise(run, {key.record_id: entries[key] for key in ordered})

    def renew(self, owner_ids: Sequence[str]) -> None:
        """Owe MongoDB every bucket of these runs as PostgreSQL keeps it."""
        kept = _parts(owner_ids).values("owner_id", "document_id").annotate(version=Max("version"))
        owe([_debt(each["owner_id"], each["version"], each["document_id"]) for each in kept])

    def settle(self, owner_ids: Sequence[str]) -> set[str]:
        """Deliver what is owed by now; what is promised meanwhile is the writer's to deliver."""
        buckets = OutboxEntry.objects.filter(topic=COLLECTION, document_id__contains=NOTE)
        owed = dict(buckets.filter(aggregate_id__in=owner_ids).values_list("pk", "aggregate_id"))
        if not owed:
            return set()
        deliver(set(owed.values()), seconds=BULK_SECONDS)
        return set(OutboxEntry.objects.filter(pk__in=owed).values_list("aggregate_id", flat=True))

    def lag(self, scope: str) -> int:
        """How many effects on buckets of notes wait (one statement)."""
        with connection.cursor() as cursor:
            cursor.execute(LAG, {"scope": scope})
            return int(cursor.fetchone()[0])


def _record(entry: Any) -> Record:
    values = entry if isinstance(entry, dict) else {}
    return record_of(values.get("at"), values.get("by", ""), values.get("text", ""))


def _promise(run: TrainingRun, entries: dict[str, dict[str, Any]]) -> None:
    """Under the run's lock, so nobody adds a part between the look and the promise."""
    placed = dict(_parts([run.run_id]).filter(part__in=entries).values_list("part", "document_id"))
    for note_id, entry in entries.items():
        run.version += 1
        number = run.version
        if note_id in placed:
            number = int(placed[note_id].rpartition(":")[2]) * BUCKET_SIZE
        promise_log_entry(run=run, kind="note", number=number, key=note_id, entry=entry, is_audited=False)
    run.save(update_fields=["version", "updated_at"])


def _parts(run_ids: Sequence[str]) -> QuerySet[BodyPart]:
    return BodyPart.objects.filter(owner_id__in=run_ids, collection=COLLECTION, document_id__contains=NOTE)


def _debt(run_id: str, version: int, document_id: str) -> Debt:
    return Debt(OutboxTarget.MONGODB, COLLECTION, run_id, version, document_id)
