"""Comparing MongoDB's bodies with PostgreSQL's: sums of 256 ranges, then every document's bytes."""

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.functions import Left

from registry.documents import heads as stored
from registry.documents.heads import Range, RangeSum
from registry.enums import OutboxStatus, OutboxTarget
from registry.exceptions import StoreUnavailableError
from registry.models import OutboxEntry
from registry.models.run import RunQuerySet

from .backfill_chosen import look_at
from .bodies import bucket
from .reconcile import heads as kept
from .reconcile.documents import DocumentCheck
from .reconcile.drift import Finding, Kind

NOTHING = RangeSum(0, 0, 0)
AT_ONCE = 1_000


@dataclass(frozen=True)
class Progress:
    """How far a stage is, in steps of its own."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True)
class RangeLine:
    """A range of ids that differs: documents on both sides, how many are owed, how many came apart."""

    collection: str
    range: str
    postgresql: int
    mongodb: int
    sums: str
    owed: int
    apart: int


@dataclass(frozen=True)
class Verification:
    """What the comparison found.

    Attributes:
        documents: that PostgreSQL keeps bodies for; ``ranges`` that were compared.
        lines: the ranges that differ or hold a document that came apart.
        one_by_one: how many of them were, of the chosen runs alone; None where all were.
        problem: why it could not be made; empty where it was.
    """

    documents: int = 0
    ranges: int = 0
    lines: Sequence[RangeLine] = ()
    findings: Sequence[Finding] = ()
    one_by_one: int | None = None
    problem: str = ""

    @property
    def is_good(self) -> bool:
        """Whether everything was compared and nothing has come apart."""
        return not self.problem and not self.findings

    @property
    def owed(self) -> int:
        """How many documents of the ranges that differ are on their way."""
        return sum(line.owed for line in self.lines)


def verify(
    chosen: RunQuerySet, *, with_logs: bool = False, only_chosen: bool = False
) -> Iterator[Progress | Verification]:
    """Compare the stores' bodies of runs; yields progress, then what was found.

    Sums alone can't tell what differs from what is on its way, so whatever seems wrong is looked at
    again as reconcile does: a write meanwhile is no finding.

    Args:
        chosen: of other runs it is no fault to have no body yet.
        with_logs: also epochs, checkpoints and notes.
        only_chosen: look at the documents of these runs alone; of all others the sums are compared.
    """
    lines: list[RangeLine] = []
    findings: list[Finding] = []
    documents = ranges = one_by_one = 0
    try:
        for name in ("runs", "run_logs") if with_logs else ("runs",):
            if only_chosen:
                number, found = yield from _looked_at_chosen(name, chosen)
                one_by_one += number
            else:
                found = yield from _looked_at(name, chosen)
            here, there = kept.range_sums(name), stored.range_sums(name)
            documents += sum(each.documents for each in here.values())
            ranges += kept.RANGES
            lines += _lines(name, here, there, found)
            findings += found
    except StoreUnavailableError as error:
        yield Verification(problem=str(error))
        return
    yield Verification(documents, ranges, lines, findings, one_by_one if only_chosen else None)


def _looked_at_chosen(name: str, chosen: RunQuerySet) -> Generator[Progress, None, tuple[int, list[Finding]]]:
    total, done, documents = chosen.count(), 0, 0
    found: list[Finding] = []
    for page in look_at(name, chosen):
        done, documents = done + page.runs, documents + page.documents
        found += page.found
        yield Progress("Verifying", done, max(total, done))
    return documents, found


def _looked_at(name: str, chosen: RunQuerySet) -> Generator[Progress, None, list[Finding]]:
    found: dict[str, Finding] = {}
    for step in DocumentCheck(name).look(deep=True):
        found = {each.subject: each for each in step.found} | found
        yield Progress("Verifying", step.done, step.total)
    unkept = [each.subject for each in found.values() if each.kind == Kind.UNKEPT]
    wanted: set[str] = set()
    for start in range(0, len(unkept), AT_ONCE):
        rows: Any = chosen.filter(run_id__in=unkept[start : start + AT_ONCE]).order_by()
        wanted.update(rows.values_list("run_id", flat=True))
    return [each for each in found.values() if each.kind != Kind.UNKEPT or each.subject in wanted]


def _lines(
    name: str, here: dict[int, RangeSum], there: dict[Range, RangeSum], found: Sequence[Finding]
) -> list[RangeLine]:
    apart = Counter(bucket(each.subject) for each in found)
    differing = {
        each for each in here.keys() | there.keys() if each is None or here.get(each) != there.get(each)
    }
    owed = _owed(name) if differing else {}
    lines = []
    for each in sorted(differing | apart.keys(), key=lambda number: -1 if number is None else number):
        sums = NOTHING if each is None else here.get(each, NOTHING), there.get(each, NOTHING)
        label = "none" if each is None else f"{each:02x}"
        told = "equal" if sums[0] == sums[1] else "differ"
        waiting = owed.get(label, 0)
        lines.append(
            RangeLine(name, label, sums[0].documents, sums[1].documents, told, waiting, apart[each or 0])
        )
    return lines


def _owed(name: str) -> dict[str, int]:
    """Documents on their way, by range."""
    waiting = OutboxEntry.objects.filter(target=OutboxTarget.MONGODB, topic=name, status=OutboxStatus.DUE)
    return Counter(waiting.order_by().values_list(Left("document_id", 2), flat=True))
