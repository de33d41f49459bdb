"""Looking after the counters of activity: what Redis counts against PostgreSQL's record."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from features.online import activity
from features.online.activity import Counts
from features.queries.activity_due import due_counts
from registry.sync.reconcile.drift import Check, Finding, Kind, Mending, Step, Terms

from .counting import hold_counters, make_counters

SUBJECT = "counters"


class ActivityCheck(Check):
    """Compares all counters with SQL, while nobody counts."""

    place = "activity"
    store = "Redis"

    def look(self, *, deep: bool) -> Iterator[Step]:  # noqa: ARG002 (everything is compared anyway)
        """Compare everything at once."""
        yield Step(1, 1, list(_found()))

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:  # noqa: ARG002 (all can be made again)
        """Make the counters anew."""
        make_counters()
        return Mending()

    def still(self, findings: Sequence[Finding]) -> set[str]:  # noqa: ARG002 (there is one)
        """Whether they differ still."""
        return {each.subject for each in _found()}


def _found() -> Iterator[Finding]:
    with transaction.atomic():
        hold_counters()
        due, counts = due_counts(is_counted=True), activity.read()
    if counts is None and due.events:
        yield Finding(ActivityCheck.place, Kind.MISSING, SUBJECT, "", "Redis was emptied")
    elif counts is not None and counts != due:
        yield Finding(ActivityCheck.place, Kind.DIFFERING, SUBJECT, "", _differences(counts, due))


def _differences(counts: Counts, due: Counts) -> str:
    parts = ("kinds", "hours", "countries", "customers", "latest")
    other = [name for name in parts if getattr(counts, name) != getattr(due, name)]
    return f"{counts.events:,} events are counted, {due.events:,} are due; other: {', '.join(other)}"
