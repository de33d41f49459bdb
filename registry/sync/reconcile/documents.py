"""Looking after a collection of MongoDB whose documents PostgreSQL keeps in parts.

The cheap look adds up versions and checksums of 256 ranges on both sides, by indexes alone, and
lists only the ranges whose sums differ. The deep look also compares every document byte by byte.
"""

from collections.abc import Iterator, Sequence

from registry.documents import heads as stored
from registry.documents.heads import Range
from registry.sync.backfill import without_start
from registry.sync.bodies import bucket

from . import deep as deeply
from . import heads as kept
from .drift import Check, Finding, Kind, Mending, Step, Terms
from .owners import without_parts
from .promises import promise_documents
from .removal import lower_ahead, remove_orphans
from .second_look import confirmed
from .unkept import keep_bodies

RANGES_AT_ONCE = 64
PROMISED = (Kind.MISSING, Kind.STALE, Kind.DIFFERING, Kind.ALTERED)


class DocumentCheck(Check):
    """Looks after one collection."""

    store = "MongoDB"

    def __init__(self, collection: str) -> None:
        self.place = collection

    def look(self, *, deep: bool) -> Iterator[Step]:
        """Compare ranges, then what is in those that differ; deep, all bytes."""
        total = kept.RANGES * (2 if deep else 1)
        differing = self._differing_ranges()
        calm = kept.RANGES - len([each for each in differing if each is not None])
        yield Step(calm, total, list(confirmed(self.place, without_parts(self.place))))
        for start in range(0, len(differing), RANGES_AT_ONCE):
            ranges = differing[start : start + RANGES_AT_ONCE]
            calm += len([each for each in ranges if each is not None])
            yield Step(calm, total, list(confirmed(self.place, self._suspects(ranges))))
        if deep:
            for number, found in deeply.altered_in(self.place):
                yield Step(kept.RANGES + number, total, found)
            yield Step(total, total)

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:
        """Promise MongoDB what it lacks; take away what PostgreSQL does not know."""
        mending = Mending()
        by_kind = {kind: [each for each in findings if each.kind == kind] for kind in Kind}
        promised = [each for kind in PROMISED for each in by_kind[kind]]
        promise_documents(self.place, promised)
        unkept = [each.subject for each in by_kind[Kind.UNKEPT]]
        if self.place == "runs":  # half a body, which MongoDB refuses: of a run that was changed without one
            unkept += without_start([each.subject for each in promised])
        keep_bodies(self.place, unkept)
        mending.left += lower_ahead(self.place, by_kind[Kind.AHEAD], terms)
        mending.left += remove_orphans(self.place, by_kind[Kind.ORPHAN], terms)
        return mending

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """A second look at each."""
        subjects = [each.subject for each in findings]
        left = {each.subject for each in confirmed(self.place, subjects)}
        altered = [each.subject for each in findings if each.kind == Kind.ALTERED]
        return left | {each.subject for each in deeply.altered_of(self.place, altered)}

    def _differing_ranges(self) -> list[Range]:
        here, there = kept.range_sums(self.place), stored.range_sums(self.place)
        # None sorts first: what is filed under no range
        ranges = sorted(here.keys() | there.keys(), key=lambda each: -1 if each is None else each)
        return [each for each in ranges if each is None or here.get(each) != there.get(each)]

    def _suspects(self, ranges: Sequence[Range]) -> set[str]:
        """What differs between two lists that were not read at the same moment: to be looked at again."""
        here = kept.heads_in(self.place, [each for each in ranges if each is not None])
        there = {head.document_id: head for head in stored.heads_in(self.place, ranges)}
        agreeing = {
            document_id
            for document_id in here.keys() & there.keys()
            if there[document_id][1:] == (*here[document_id][:2], bucket(document_id))
        }
        return (here.keys() | there.keys()) - agreeing
