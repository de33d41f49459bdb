"""Mending that takes something away for good: seldom, late, and never much at once."""

from collections.abc import Callable, Sequence

from registry.documents import heads as stored
from registry.documents.config_owners import delete_config_of

from .drift import Finding, Terms
from .promises import promise_documents
from .second_look import seen_as
from .sightings import long_seen

Left = list[tuple[Finding, str]]


def lower_ahead(collection: str, findings: Sequence[Finding], terms: Terms) -> Left:
    """Let PostgreSQL's version replace a newer one in MongoDB.

    PostgreSQL alone gives versions, so a version that it never gave was not acknowledged to anybody:
    it comes from a hand, or from before PostgreSQL was restored from a backup. The second would be
    seen in many documents at once, hence the bound. Left as it is, the document would refuse every
    change of its run until PostgreSQL had counted past it.
    """
    if too_many := _too_many(findings, terms):
        return too_many
    promise_documents(collection, findings)
    for each in findings:
        stored.lower_as_seen(collection, seen_as(each))
    return []


def remove_orphans(collection: str, findings: Sequence[Finding], terms: Terms) -> Left:
    """Delete documents that PostgreSQL knows nothing of, each only as it was seen.

    It needs no tombstone: parts outlive their row by a week (as a tombstone), so whatever is still
    on its way to a document without any part has long arrived; and a new run that takes the id has
    another version and checksum than what is deleted here.
    """
    return _remove(findings, terms, lambda each: stored.delete_as_seen(collection, seen_as(each)))


def remove_unowned(findings: Sequence[Finding], terms: Terms) -> Left:
    """Delete configs of runs that PostgreSQL does not know, by the same rule."""
    return _remove(findings, terms, lambda each: delete_config_of(each.subject, each.owner_id))


def _remove(findings: Sequence[Finding], terms: Terms, delete: Callable[[Finding], bool]) -> Left:
    if too_many := _too_many(findings, terms):
        return too_many
    old = long_seen(findings, terms.orphans_older_than)
    for each in findings:
        if each.subject in old:
            delete(each)
    minutes = terms.orphans_older_than.total_seconds() / 60
    reason = f"deleted once it has been seen unchanged for {minutes:.0f} minutes: repair again then"
    return [(each, reason) for each in findings if each.subject not in old]


def _too_many(findings: Sequence[Finding], terms: Terms) -> Left:
    if len(findings) <= terms.at_most:
        return []
    reason = (
        f"{len(findings):,} at once: was PostgreSQL restored from an old backup? Nothing was taken away."
        f" If all of them may go, repair with --at-most {len(findings)}"
    )
    return [(each, reason) for each in findings]
