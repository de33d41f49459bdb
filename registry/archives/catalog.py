"""Archives to look at."""

import datetime as dt
from dataclasses import dataclass

from registry.enums import ArchiveState
from registry.exceptions import ConflictError, NotFoundError
from registry.models import Archive

from .writing import content_of


@dataclass(frozen=True)
class ArchiveLine:
    """One archive, for a list."""

    archive: str
    kind: str
    state: str
    before: dt.datetime
    experiments: str
    runs: int
    rows: int
    bytes: int
    taken_at: dt.datetime | None
    restored_at: dt.datetime | None


def archive_lines() -> list[ArchiveLine]:
    """All archives, the newest first (one statement)."""
    return [_line(archive) for archive in Archive.objects.all()]


def find_archive(archive_id: str) -> Archive:
    """The archive with this id, or the only one whose id begins so.

    Raises:
        NotFoundError: there is none.
        ConflictError: there are several.
    """
    told = archive_id.replace("-", "").lower()
    found = [each for each in Archive.objects.all() if told and each.archive_id.startswith(told)][:2]
    if not found:
        raise NotFoundError(f"There is no archive {archive_id[:40]!r}: manage.py archive list")
    if len(found) > 1:
        raise ConflictError(f"Several archives begin with {archive_id!r}. Say more of the id.")
    return found[0]


def verify_archive(archive_id: str) -> Archive:
    """Read an archive's file whole and compare it with what was written.

    Raises:
        NotFoundError: there is no such archive.
        ConflictError: it has no file: it was restored, or never written.
        ArtifactError: the file is missing or damaged.
    """
    archive = find_archive(archive_id)
    if archive.state not in (ArchiveState.TAKEN, ArchiveState.WRITTEN):
        raise ConflictError(f"The archive {archive_id} has no file: it is {archive.get_state_display()}.")
    content_of(archive)
    return archive


def _line(archive: Archive) -> ArchiveLine:
    return ArchiveLine(
        archive=archive.archive_id,
        kind=archive.kind,
        state=archive.state,
        before=archive.before,
        experiments=", ".join(archive.experiments) or "all",
        runs=archive.run_count,
        rows=archive.row_count,
        bytes=archive.byte_count,
        taken_at=archive.taken_at,
        restored_at=archive.restored_at,
    )
