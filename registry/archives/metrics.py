"""Archiving the points of old runs: write and sync the file, read it back, then delete exactly those points.

A process that dies leaves the points in the table, or in a file that was read back, never in neither. The
next command takes on what it finds (:mod:`registry.archives.leftovers`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils import timezone

from registry.crash_points import crash_point
from registry.enums import ArchiveKind, ArchiveState
from registry.exceptions import ConflictError
from registry.models import Archive, ArchivedRun
from registry.parquet.files import NewFile
from registry.parquet.points import SCHEMA, ContentDigest, Points, add_points
from registry.queries.archived_points import archive_path
from registry.sync.audit import record

from .alone import alone
from .choosing import Candidates, candidates, experiment_ids
from .leftovers import forget, tidy
from .progress import Progress
from .reading import copy_points, metric_names, patient
from .writing import content_of, finish_file, new_archive

MOST_POINTS = 1_000_000
FILE_NAME = "points.parquet"
LOCK_RUNS = "SELECT id FROM registry_trainingrun WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
RUNS_IN = """
SELECT m.run_id, sum(n)::int8 FROM unnest(%s::int8[], %s::int8[]) AS c (metric, n)
JOIN registry_metric m ON m.id = c.metric GROUP BY m.run_id
"""
DELETE = """
DELETE FROM registry_metricpoint p USING registry_metric m WHERE m.id = p.metric_id AND m.run_id = ANY(%s)
"""


def archive_metrics(
    *,
    before: dt.datetime,
    experiments: Sequence[str] = (),
    dry_run: bool = False,
    user: User | None = None,
    most_points: int = MOST_POINTS,
) -> Iterator[Progress | Archive | Candidates]:
    """Move the points of runs that ended before then into files; latest, least and greatest values stay.

    Yields progress and each archive that was taken; with ``dry_run`` only what each would hold.

    Args:
        experiments: names; all where there is none.
        most_points: how many points a file has at most, unless one run has more.

    Raises:
        NotFoundError: there is no such experiment.
        ConflictError: another archiving is at work.
        ArtifactError: the disk refused, or a file is not what was written.
    """
    ids = experiment_ids(experiments)
    if dry_run:
        yield from candidates(before=before, experiments=ids, most_points=most_points)
        return
    with alone():
        yield from tidy()
        for portion in candidates(before=before, experiments=ids, most_points=most_points):
            archive = new_archive(
                ArchiveKind.METRICS, before=before, experiments=experiments, file_name=FILE_NAME, user=user
            )
            yield from _write(archive, portion)
            try:
                take_points(archive)
            except ConflictError:
                forget(archive)
                raise
            yield archive


def _write(archive: Archive, portion: Candidates) -> Iterator[Progress]:
    yield Progress("written", 0, portion.point_count)
    runs = list(portion.runs)
    digest = ContentDigest()

    def fill(file: NewFile) -> None:
        names = metric_names(runs)

        def take(points: Points) -> None:
            digest.add(points)
            add_points(file, points, names)
            crash_point("archive.while_writing")

        with transaction.atomic(), patient():
            copy_points(runs, take)

    finish_file(archive, SCHEMA, fill, content_sha256=lambda: digest.hexdigest)
    yield Progress("written", digest.count, portion.point_count)


def take_points(archive: Archive) -> None:
    """Delete a written archive's points from the table, if they are the same bit by bit.

    The file is read back first; then, in one transaction that holds the runs, the table is read again,
    compared, and the points are deleted and the archive is marked.

    Raises:
        ArtifactError: the file is not what was written.
        ConflictError: the points have changed since; they are where they were.
    """
    content = content_of(archive)
    with transaction.atomic(), patient():
        counts = _points_by_run(content.rows_by_metric)
        runs = sorted(counts)
        now = ContentDigest()
        with connection.cursor() as cursor:
            cursor.execute(LOCK_RUNS, [runs])
            copy_points(runs, now.add)
            if (now.count, now.hexdigest) != (archive.row_count, archive.content_sha256):
                raise ConflictError(
                    f"Points of these runs were written while archive {archive.archive_id[:8]} was made;"
                    " nothing was deleted. Say the command again."
                )
            cursor.execute(DELETE, [runs])
            if cursor.rowcount != archive.row_count:
                raise ConflictError(f"{cursor.rowcount} points instead of {archive.row_count} were there.")
        ArchivedRun.objects.bulk_create(
            [ArchivedRun(archive=archive, run_id=run, point_count=counts[run]) for run in runs]
        )
        archive.run_count, archive.is_cleared = len(runs), True
        archive.state, archive.taken_at = ArchiveState.TAKEN, timezone.now()
        archive.save(update_fields=["run_count", "is_cleared", "state", "taken_at"])
        record(action="archive.take", subject_id=archive.archive_id, details=_details(archive))
        crash_point("archive.before_commit")
    crash_point("archive.after_taken")


def _points_by_run(by_metric: dict[int, int]) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(RUNS_IN, [list(by_metric), list(by_metric.values())])
        return dict(cursor.fetchall())


def _details(archive: Archive) -> dict[str, object]:
    return {"points": archive.row_count, "runs": archive.run_count, "file": archive_path(archive).name}
