"""What a process that died has left: taken on, or cleared away. Run under the lock of archiving."""

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from registry.enums import ArchiveState
from registry.models import Archive
from registry.parquet.folders import UNFINISHED, remove_folder

from .progress import Progress


def tidy() -> Iterator[Progress]:
    """Forget archives that were never taken, and delete files of those that are back in their store.

    The rows of an archive that was not taken are still in their store: nothing is lost with it, and the
    command that runs now writes them anew. Events are the exception: some may be deleted already, which
    :mod:`registry.archives.events` takes on.
    """
    for archive in Archive.objects.filter(state__in=[ArchiveState.WRITING, ArchiveState.WRITTEN]):
        forget(archive)
        yield Progress("cleared away", 1)
    for archive in Archive.objects.filter(state=ArchiveState.RESTORED):
        remove_folder(folder_of(archive))


def forget(archive: Archive) -> None:
    """Delete an archive that was not taken: first what is on the disk, then its row."""
    folder = folder_of(archive)
    remove_folder(folder.parent / f"{UNFINISHED}{folder.name}")
    remove_folder(folder)
    archive.delete()


def folder_of(archive: Archive) -> Path:
    """Where an archive's files lie."""
    root: Path = settings.ARCHIVE_ROOT
    return root / str(archive.archive_id)
