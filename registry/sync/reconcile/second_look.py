"""The second look at documents that seem to have come apart: certain, whatever is written meanwhile.

MongoDB is read between two reads of PostgreSQL. Where PostgreSQL said the same both times and owed
nothing, MongoDB had everything by the first read, and nothing newer was committed by the second:
a document's delivery is confirmed after MongoDB has it, and begins after the commit. So no age has
to be waited for, and a write under way is never taken for drift.
"""

from collections.abc import Iterable, Iterator, Sequence

from registry.documents import heads as stored
from registry.documents.heads import StoredHead
from registry.sync.bodies import bucket

from . import heads as kept
from .drift import Finding, Kind
from .heads import KeptHead, owner_of
from .owners import is_being_purged, lifecycles

CHUNK = 1_000
Judged = tuple[Kind, str]


def confirmed(collection: str, document_ids: Iterable[str]) -> Iterator[Finding]:
    """Those of these documents that have come apart (four reads a thousand).

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    ids = sorted(set(document_ids))
    for start in range(0, len(ids), CHUNK):
        yield from _confirmed(collection, ids[start : start + CHUNK])


def _confirmed(collection: str, ids: Sequence[str]) -> Iterator[Finding]:
    before = kept.heads_of(collection, ids)
    found = {head.document_id: head for head in stored.heads_of(collection, ids)}
    # Before the second read: a row that is not there yet comes with parts, which that read would see.
    owners = lifecycles(collection, {owner_of(document_id) for document_id in ids})
    after = kept.heads_of(collection, ids)
    for document_id in ids:
        head = after[document_id]
        if head.is_owed or head != before[document_id]:
            continue
        owner = owners.get(owner_of(document_id))
        judged = _judged(document_id, head, found.get(document_id), owner)
        if judged is not None:
            kind, detail = judged
            parked = f"; its delivery was given up: {head.parked}" if head.parked is not None else ""
            yield Finding(
                collection, kind, document_id, owner_of(document_id), detail + parked,
                fingerprint_of(found.get(document_id)),
            )  # fmt: skip


def fingerprint_of(head: StoredHead | None) -> str:
    """What was seen of a document."""
    return f"{head.version}:{head.checksum}" if head else ""


def seen_as(finding: Finding) -> StoredHead:
    """The document as it was when it was found."""
    version, checksum = map(int, finding.fingerprint.split(":"))
    return StoredHead(finding.subject, version, checksum, None)


def _judged(document_id: str, head: KeptHead, found: StoredHead | None, owner: str | None) -> Judged | None:
    if head.version is None:
        return _judged_without_parts(found, owner)
    if found is None:
        return Kind.MISSING, f"PostgreSQL has version {head.version}"
    if found.version != head.version:
        kind = Kind.STALE if found.version < head.version else Kind.AHEAD
        return kind, f"PostgreSQL has version {head.version}, MongoDB {found.version}"
    if found.checksum != head.checksum:
        return Kind.DIFFERING, f"Both have version {head.version}, with another checksum"
    if found.range != bucket(document_id):
        return Kind.DIFFERING, f"Version {head.version}, filed under another range"
    return None


def _judged_without_parts(found: StoredHead | None, owner: str | None) -> Judged | None:
    if owner is not None and not is_being_purged(owner):
        where = "MongoDB has the only copy" if found else "MongoDB has none either"
        return Kind.UNKEPT, f"PostgreSQL has the row without a copy of the body; {where}"
    if owner is None and found is not None:
        return Kind.ORPHAN, f"MongoDB has version {found.version} of what PostgreSQL does not know"
    return None
