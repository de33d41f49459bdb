"""What people have changed of an import since it came, also where that is no new version."""

from collections.abc import Iterator

from django.db import connection

from registry.models import ArchivedRun, Import, ImportedItem, RunNote

from .imprints import without_their_imprint
from .made import runs_of
from .verifying import CHUNK, by_points, told_of

# The version that the import left is the version that stands where nobody has changed it.
VERSIONS = """
SELECT i.our_id FROM registry_importeditem i
LEFT JOIN registry_trainingrun r ON i.kind = 'run' AND r.id = i.our_pk
LEFT JOIN registry_experiment e ON i.kind = 'experiment' AND e.id = i.our_pk
WHERE i.imported_by_id = %s AND i.is_new AND coalesce(r.version, e.version) <> i.version
ORDER BY i.id
"""


def changed_since(row: Import) -> list[str]:
    """Our ids of what it made and is otherwise now; every run's rows are read.

    Runs that log on, files, notes, aliases and stages make no new version, so contents are compared.
    """
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [row.pk])
        changed = [our_id for (our_id,) in cursor.fetchall()]
    notes = RunNote.objects.filter(run__in=runs_of(row)).order_by("pk")
    changed += notes.values_list("run__run_id", flat=True)
    changed += without_their_imprint(row)
    changed += _told_otherwise(row)
    return list(dict.fromkeys(changed))


def _told_otherwise(row: Import) -> Iterator[str]:
    """Runs of the same version with other contents; points in an archive can't have changed."""
    items = row.items.filter(kind="run", is_new=True).order_by("pk")
    last = 0
    while chunk := list(items.filter(pk__gt=last)[:CHUNK]):
        last = chunk[-1].pk
        for some in by_points(chunk):
            yield from _differing(some)


def _differing(items: list[ImportedItem]) -> Iterator[str]:
    told = told_of([item.our_id for item in items])
    keys = [each.row.pk for each in told.values()]
    archived = set(ArchivedRun.objects.filter(run__in=keys).values_list("run", flat=True))
    for item in items:
        found = told.get(item.our_id)
        if found is None or found.row.pk != item.our_pk or found.row.pk in archived:
            continue
        if found.checksum() != item.checksum:
            yield item.our_id
