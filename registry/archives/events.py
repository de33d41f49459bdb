"""Archiving old events: write and sync the file, read it back, mark it as taken, then delete by id.

MongoDB and PostgreSQL share no transaction, so the mark comes before the first deletion: whoever dies in
between leaves events in both places, and the next command deletes the rest of them (:func:`clear`).
"""

import datetime as dt
import hashlib
from collections.abc import Iterator

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from registry.crash_points import crash_point
from registry.documents.event_archive import count_events, delete_events, events_before
from registry.enums import ArchiveKind, ArchiveState
from registry.models import Archive
from registry.parquet.files import NewFile
from registry.queries.archived_points import archive_path
from registry.sync.audit import record

from .alone import alone
from .event_files import SCHEMA, add_events, documents_in
from .leftovers import tidy
from .progress import Progress
from .writing import content_of, finish_file, new_archive

MOST_EVENTS = 200_000
FILE_NAME = "events.parquet"


def archive_events(
    *,
    before: dt.datetime,
    dry_run: bool = False,
    user: User | None = None,
    most_events: int = MOST_EVENTS,
) -> Iterator[Progress | Archive | int]:
    """Move the events that happened before then into files.

    Yields progress and each archive that was taken; with ``dry_run`` only how many events there are.

    Raises:
        ConflictError: another archiving is at work.
        ArtifactError: the disk refused, or a file is not what was written.
        StoreUnavailableError: MongoDB does not answer.
    """
    if dry_run:
        yield count_events(before)
        return
    with alone():
        yield from tidy()
        for archive in _not_cleared():
            yield from clear(archive)
        while left := count_events(before):
            archive = new_archive(ArchiveKind.EVENTS, before=before, file_name=FILE_NAME, user=user)
            yield Progress("written", 0, left)
            _write(archive, most_events)
            _take(archive)
            yield from clear(archive)
            yield archive


def clear(archive: Archive) -> Iterator[Progress]:
    """Delete a taken archive's events from MongoDB, after one more look at the file; safe to repeat."""
    content_of(archive)
    done = 0
    for documents in documents_in(archive_path(archive)):
        delete_events([event_id for event_id, _ in documents])
        done += len(documents)
        yield Progress("deleted from MongoDB", done, archive.row_count)
        crash_point("archive.while_deleting")
    archive.is_cleared = True
    archive.save(update_fields=["is_cleared"])
    crash_point("archive.after_taken")


def _write(archive: Archive, most_events: int) -> None:
    digest = hashlib.sha256()

    def fill(file: NewFile) -> None:
        for events in events_before(archive.before, limit=most_events):
            for event in events:
                digest.update(event.document)
            add_events(file, events)
            crash_point("archive.while_writing")

    finish_file(archive, SCHEMA, fill, content_sha256=digest.hexdigest)


def _take(archive: Archive) -> None:
    content_of(archive)
    with transaction.atomic():
        archive.state, archive.taken_at = ArchiveState.TAKEN, timezone.now()
        archive.save(update_fields=["state", "taken_at"])
        record(action="archive.take", subject_id=archive.archive_id, details={"events": archive.row_count})
        crash_point("archive.before_commit")


def _not_cleared() -> list[Archive]:
    found = Archive.objects.filter(kind=ArchiveKind.EVENTS, state=ArchiveState.TAKEN, is_cleared=False)
    return list(found.order_by("pk"))
