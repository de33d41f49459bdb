"""Clearing up: what killed commands left, and points of runs that were purged since."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.db import transaction
from django.db.models import Count, F

from registry.enums import ArchiveKind, ArchiveState
from registry.models import Archive, Metric
from registry.parquet.files import NewFile, new_file
from registry.parquet.folders import remove_folder, write_text
from registry.parquet.points import SCHEMA, ContentDigest, add_points, points_in
from registry.queries.archived_points import archive_path
from registry.sync.audit import record

from .alone import alone
from .leftovers import folder_of, tidy
from .progress import Progress
from .writing import MANIFEST, content_of, manifest_of


def tidy_archives() -> Iterator[Progress | Archive]:
    """Clear away leftovers; write files anew without the points of purged runs, or delete them.

    Yields progress, and each archive whose file is another one now.

    Raises:
        ConflictError: another archiving is at work.
        ArtifactError: a file is missing or damaged, or the disk refused.
    """
    with alone():
        yield from tidy()
        for archive in _with_purged_runs():
            _without_purged_runs(archive)
            yield archive
        for archive in Archive.objects.filter(state=ArchiveState.TAKEN):
            _sweep(archive)


def _with_purged_runs() -> list[Archive]:
    taken = Archive.objects.filter(kind=ArchiveKind.METRICS, state=ArchiveState.TAKEN)
    return list(taken.annotate(left=Count("runs")).filter(left__lt=F("run_count")).order_by("pk"))


def _without_purged_runs(archive: Archive) -> None:
    """A second file beside the first; the row says which of them counts."""
    content_of(archive)
    names = _names(archive)
    if not names:
        remove_folder(folder_of(archive))
        archive.delete()
        return
    digest, path = ContentDigest(), _next(archive_path(archive))
    with new_file(path, SCHEMA) as file:
        for points in points_in(archive_path(archive), names):
            digest.add(points)
            add_points(file, points, names)
    archive.content_sha256 = digest.hexdigest
    _take_over(archive, file)


def _take_over(archive: Archive, file: NewFile) -> None:
    archive.file_name, archive.file_sha256 = file.path.name, file.sha256
    archive.row_count, archive.byte_count = file.row_count, file.byte_count
    content_of(archive)
    with transaction.atomic():
        archive.run_count = archive.runs.count()
        archive.save()
        record(action="archive.rewrite", subject_id=archive.archive_id, details={"points": archive.row_count})


def _names(archive: Archive) -> Mapping[int, tuple[str, str]]:
    found = Metric.objects.filter(run__archives__archive=archive).values_list("pk", "run__run_id", "key")
    return {metric: (str(run_id), key) for metric, run_id, key in found}


def _next(path: Path) -> Path:
    stem, _, number = path.stem.partition("-")
    return path.with_name(f"{stem}-{int(number or 1) + 1}.parquet")


def _sweep(archive: Archive) -> None:
    folder = folder_of(archive)
    others = [path for path in folder.glob("*.parquet") if path.name != archive.file_name]
    if others and archive_path(archive).is_file():
        write_text(folder / MANIFEST, manifest_of(archive))
        for path in others:
            path.unlink()
