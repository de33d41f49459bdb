"""Making an archive's row and file, and reading the file back."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.auth.models import User

from registry.crash_points import crash_point
from registry.enums import ArchiveKind, ArchiveState
from registry.exceptions import ArtifactError
from registry.models import Archive
from registry.parquet.files import NewFile, new_file
from registry.parquet.folders import sha256_of, whole_folder, write_text
from registry.parquet.points import ContentDigest, points_in
from registry.queries.archived_points import archive_path

from . import event_files

MANIFEST = "manifest.json"
SCHEMA_VERSION = 1


@dataclass
class Content:
    """What a file holds.

    Attributes:
        sha256: of its rows, bit by bit, in order.
        rows_by_metric: metric id → points; empty for events.
    """

    row_count: int = 0
    sha256: str = ""
    rows_by_metric: dict[int, int] = field(default_factory=dict)


def new_archive(
    kind: ArchiveKind,
    *,
    before: dt.datetime,
    experiments: Sequence[str] = (),
    file_name: str,
    user: User | None,
) -> Archive:
    """The row comes first, so that every file of ours has one."""
    archive = Archive.objects.create(
        kind=kind, before=before, experiments=list(experiments), file_name=file_name, created_by=user
    )
    crash_point("archive.after_row")
    return archive


def finish_file(
    archive: Archive, schema: Any, fill: Callable[[NewFile], None], *, content_sha256: Callable[[], str]
) -> None:
    """Write the archive's folder whole, and note in its row what is in it.

    Raises:
        ArtifactError: the disk refused; no file is left.
    """
    final = Path(settings.ARCHIVE_ROOT) / archive.archive_id
    with whole_folder(final) as folder:
        with new_file(folder / archive.file_name, schema) as file:
            fill(file)
        archive.row_count, archive.byte_count = file.row_count, file.byte_count
        archive.file_sha256, archive.content_sha256 = file.sha256, content_sha256()
        write_text(folder / MANIFEST, manifest_of(archive))
    crash_point("archive.after_rename")
    archive.state = ArchiveState.WRITTEN
    archive.save(update_fields=["row_count", "byte_count", "file_sha256", "content_sha256", "state"])
    crash_point("archive.after_written")


def content_of(archive: Archive) -> Content:
    """What the archive's file holds, read from it and compared with the archive's row.

    Raises:
        ArtifactError: the file is missing, damaged, or not what was written.
    """
    path = archive_path(archive)
    if sha256_of(path) != archive.file_sha256:
        raise ArtifactError(f"The file of archive {archive.archive_id[:8]} is not the one that was written.")
    read = _points_of if archive.kind == ArchiveKind.METRICS else _events_of
    content = read(path)
    if (content.row_count, content.sha256) != (archive.row_count, archive.content_sha256):
        raise ArtifactError(f"The rows of archive {archive.archive_id[:8]} are not those that were written.")
    return content


def _points_of(path: Path) -> Content:
    content, digest = Content(), ContentDigest()
    for points in points_in(path):
        digest.add(points)
        for metric, count in zip(*np.unique(points["metric_id"], return_counts=True), strict=True):
            metric_id = int(metric)
            content.rows_by_metric[metric_id] = content.rows_by_metric.get(metric_id, 0) + int(count)
    content.row_count, content.sha256 = digest.count, digest.hexdigest
    return content


def _events_of(path: Path) -> Content:
    row_count, sha256 = event_files.content_of(path)
    return Content(row_count, sha256)


def manifest_of(archive: Archive) -> str:
    """What lies beside the file: how it is to be read and checked, without us."""
    told = {
        "schema_version": SCHEMA_VERSION,
        "archive_id": archive.archive_id,
        "kind": archive.kind,
        "before": archive.before.isoformat(),
        "experiments": archive.experiments,
        "file": archive.file_name,
        "rows": archive.row_count,
        "bytes": archive.byte_count,
        "sha256": archive.file_sha256,
        "content_sha256": archive.content_sha256,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"
