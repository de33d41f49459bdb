"""What was acknowledged against what both stores have at the end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from registry.documents.store import find_log_buckets_of
from registry.models import RunNote

from .crew import Acknowledged


@dataclass(frozen=True)
class Proof:
    """One store's notes against the acknowledged ones.

    Attributes:
        unknown: kept, though nobody was told so; only where a writer's answer was lost.
    """

    store: str
    acknowledged: int
    found: int
    lost: int
    doubled: int
    altered: int
    unknown: int

    @property
    def holds(self) -> bool:
        """Whether every acknowledged note is there, once and as it was written."""
        return not (self.lost or self.doubled or self.altered)


def proofs(acknowledged: Sequence[Acknowledged]) -> list[Proof]:
    """Ask both stores themselves, past everything that moves notes.

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    run_ids = sorted({each.run_id for each in acknowledged})
    buckets = find_log_buckets_of(run_ids, "note")
    in_mongodb = [
        Acknowledged(bucket["run_id"], note_id, entry["text"])
        for bucket in buckets
        for note_id, entry in bucket["entries"].items()
    ]
    rows = RunNote.objects.filter(run__run_id__in=run_ids).values_list("run__run_id", "note_id", "text")
    in_postgresql = [Acknowledged(str(run_id), str(note_id), text) for run_id, note_id, text in rows]
    return [
        _proof("MongoDB", acknowledged, in_mongodb),
        _proof("PostgreSQL", acknowledged, in_postgresql),
    ]


def _proof(store: str, acknowledged: Sequence[Acknowledged], found: Sequence[Acknowledged]) -> Proof:
    ids = Counter(each.note_id for each in found)
    texts = Counter(each.text for each in found)
    known = {each.note_id for each in acknowledged}
    exact = set(found)
    return Proof(
        store=store,
        acknowledged=len(acknowledged),
        found=len(found),
        lost=len(known - ids.keys()),
        doubled=sum(count - 1 for count in ids.values()) + sum(count - 1 for count in texts.values()),
        altered=sum(each.note_id in ids and each not in exact for each in acknowledged),
        unknown=len(ids.keys() - known),
    )
