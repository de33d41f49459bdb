"""Since when an orphan has been seen, unchanged, by every look."""

import datetime as dt
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from registry.models import OrphanSighting

from .drift import Finding, Kind

# A document that has changed since is seen for the first time again.
NOTE = """
INSERT INTO registry_orphansighting (place, subject, fingerprint, first_seen_at)
SELECT %(place)s, subject, fingerprint, now()
FROM unnest(%(subjects)s::text[], %(fingerprints)s::text[]) AS seen (subject, fingerprint)
ON CONFLICT (place, subject) DO UPDATE SET fingerprint = excluded.fingerprint, first_seen_at = now()
WHERE registry_orphansighting.fingerprint <> excluded.fingerprint
"""


def note_orphans(place: str, findings: Sequence[Finding]) -> None:
    """Remember the orphans that a whole look at a place has found, and forget the others there."""
    orphans = [each for each in findings if each.kind == Kind.ORPHAN]
    subjects = [each.subject for each in orphans]
    OrphanSighting.objects.filter(place=place).exclude(subject__in=subjects).delete()
    fingerprints = [each.fingerprint for each in orphans]
    with connection.cursor() as cursor:
        cursor.execute(NOTE, {"place": place, "subjects": subjects, "fingerprints": fingerprints})


def long_seen(findings: Sequence[Finding], age: dt.timedelta) -> set[str]:
    """The subjects that were first seen so, unchanged, this long ago."""
    seen = OrphanSighting.objects.filter(
        subject__in=[each.subject for each in findings], first_seen_at__lte=timezone.now() - age
    )
    known = set(seen.values_list("place", "subject", "fingerprint"))
    return {each.subject for each in findings if (each.place, each.subject, each.fingerprint) in known}
