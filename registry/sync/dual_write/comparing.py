"""Looking at both stores: counts, checksums, and the records that differ.

Both are read while others write. What one look finds is asked of both again, after everything owed
was delivered: a record that was on its way has arrived by then, so what differs twice differs.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils import timezone

from registry.models import DualWrite

from . import divergences
from .divergences import Difference, differences
from .sides import Key, Move, Record, fingerprint

BATCH = 200


@dataclass
class Sums:
    """How many records a side has, and their fingerprints combined."""

    records: int = 0
    checksum: int = 0

    def add(self, records: dict[Key, Record]) -> None:
        """Count these in."""
        self.records += len(records)
        for key, record in records.items():
            self.checksum ^= fingerprint(key, record)


@dataclass
class Comparison:
    """What a whole look found; of ``waiting`` owners something is owed and could not be delivered."""

    owners: int = 0
    old: Sums = field(default_factory=Sums)
    new: Sums = field(default_factory=Sums)
    differing: int = 0
    waiting: int = 0
    samples: list[Difference] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether both have the same, and nothing is on its way."""
        return not self.differing and not self.waiting and self.old == self.new

    @property
    def told(self) -> dict[str, Any]:
        """The figures, for the row of the move."""
        sums = {name: asdict(getattr(self, name)) for name in ("old", "new")}
        figures = {name: getattr(self, name) for name in ("owners", "differing", "waiting", "is_clean")}
        return {"at": timezone.now().isoformat(), **figures, **sums}


@dataclass(frozen=True)
class Progress:
    """How far a piece of work is, in owners."""

    work: str
    done: int
    total: int


@dataclass(frozen=True)
class Look:
    """What both sides have of some owners, without what was on its way."""

    old: dict[Key, Record]
    new: dict[Key, Record]
    differing: list[Difference]
    waiting: int


def look(move: Move, owner_ids: Sequence[str]) -> Look:
    """Read both sides of some owners, twice where they seem to differ.

    Raises:
        StoreUnavailableError: a store does not answer.
    """
    waiting = move.settle(owner_ids)
    old, new = move.old.read(owner_ids), move.new.read(owner_ids)
    found = {each.key: each for each in differences(old, new)}
    if found:
        again = sorted({key.owner_id for key in found})
        waiting |= move.settle(again)
        second = differences(move.old.read(again), move.new.read(again))
        lasting = {
            each.key: each for each in second if each.key in found and each.key.owner_id not in waiting
        }
        for key in found.keys() - lasting.keys():
            old.pop(key, None)
            new.pop(key, None)
        found = lasting
    return Look(old, new, list(found.values()), len(waiting))


def compare(move: Move, row: DualWrite) -> Generator[Progress, None, Comparison]:
    """Look at everything; keep the first that differ as divergences, close those that no longer do.

    Raises:
        StoreUnavailableError: a store does not answer.
    """
    open_before = divergences.open_owners(row.pk)
    unseen = set(open_before.values())
    result = Comparison()
    keys: set[str] = set()
    for owner_ids, progress in batches(move, row, "compare"):
        seen = look(move, owner_ids)
        unseen -= set(owner_ids)
        result.owners += len(owner_ids)
        result.old.add(seen.old)
        result.new.add(seen.new)
        result.waiting += seen.waiting
        result.differing += len(seen.differing)
        room = max(divergences.MOST_KEPT - len(result.samples), 0)
        result.samples += seen.differing[:room]
        keys |= {str(each.key) for each in seen.differing}
        yield progress
    divergences.note(row.pk, result.samples)
    if unseen:
        _hand_over(move, row, unseen, open_before)
    divergences.close(open_before, of=row.pk, differing=keys)
    row.comparison = result.told
    row.save(update_fields=["comparison"])
    return result


def _hand_over(move: Move, row: DualWrite, unseen: set[str], open_before: Mapping[int, str]) -> None:
    """Leave divergences to the scopes that their owners move in by now; whose owners are gone, stay."""
    for other in DualWrite.objects.filter(name=row.name).exclude(scope="").exclude(pk=row.pk):
        for owner_ids, _ in batches(move, other, "hand over"):
            theirs = unseen.intersection(owner_ids)
            ids = [pk for pk, owner_id in open_before.items() if owner_id in theirs]
            if ids:
                divergences.hand_over(ids, to=other.pk)


def batches(
    move: Move, row: DualWrite, work: str, *, after: str = ""
) -> Iterator[tuple[list[str], Progress]]:
    """The owners of a move in order, from behind ``after``, with how far they are."""
    elsewhere = scopes_elsewhere(row)
    total = move.count(row.scope, elsewhere)
    done = 0
    while owner_ids := move.owners(row.scope, elsewhere, after=after, limit=BATCH):
        done += len(owner_ids)
        yield owner_ids, Progress(work, done, max(total, done))
        after = owner_ids[-1]


def scopes_elsewhere(row: DualWrite) -> list[str]:
    """The scopes that move by themselves, beside this row's."""
    rows = DualWrite.objects.filter(name=row.name).exclude(scope="").exclude(pk=row.pk)
    return list(rows.values_list("scope", flat=True))
