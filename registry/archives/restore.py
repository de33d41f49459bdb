"""Bringing an archive's rows back: one transaction for points, by id and again for events."""

import datetime as dt
from collections.abc import Iterator, Sequence

from django.db import connection, transaction
from django.utils import timezone

from registry.crash_points import crash_point
from registry.documents.event import KEPT_SECONDS
from registry.documents.event_archive import count_present, put_back
from registry.enums import ArchiveKind, ArchiveState
from registry.exceptions import ArtifactError
from registry.models import Archive, Metric
from registry.parquet.points import ContentDigest
from registry.queries.archived_points import archive_path, laid_points
from registry.sync.audit import record

from .alone import alone
from .catalog import find_archive
from .event_files import documents_in
from .leftovers import tidy
from .metrics import LOCK_RUNS
from .progress import Progress
from .reading import copy_to_points, patient
from .writing import content_of

INSERT = """
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT metric_id, step, timestamp_ms, value FROM {name} ON CONFLICT DO NOTHING
"""
# What is in the table now of that which was laid beside it.
COME_BACK = """
COPY (SELECT p.metric_id, p.step, p.timestamp_ms, p.value FROM {name} a
      JOIN registry_metricpoint p USING (metric_id, step, timestamp_ms, value)
      ORDER BY 1, 2, 3, 4) TO STDOUT (FORMAT binary)
"""


def restore_archive(archive_id: str) -> Iterator[Progress | Archive]:
    """Bring an archive's rows back into their store; again changes nothing.

    Its file stays until the next command of archiving: who reads from it right now reads on.

    Points of runs that were purged since stay away. Events come back under their ids, to expire 90 days
    from now. Yields progress, then the archive.

    Raises:
        NotFoundError: there is no such archive, or it was never taken.
        ConflictError: another archiving is at work.
        ArtifactError: its file is missing or damaged; nothing was changed.
        StoreUnavailableError: MongoDB does not answer.
    """
    with alone():
        yield from tidy()
        archive = find_archive(archive_id)
        if archive.state == ArchiveState.TAKEN:
            yield Progress("restored", 0, archive.row_count)
            content_of(archive)
            restore = _restore_points if archive.kind == ArchiveKind.METRICS else _restore_events
            yield from restore(archive)
        yield archive


def _restore_points(archive: Archive) -> Iterator[Progress]:
    with transaction.atomic(), patient():
        runs = sorted(archive.runs.values_list("run", flat=True))
        written, back = ContentDigest(), ContentDigest()
        with connection.cursor() as cursor:
            cursor.execute(LOCK_RUNS, [runs])
            # asked again now that no purge comes in between
            metrics = list(Metric.objects.filter(run__archives__archive=archive).values_list("pk", flat=True))
            with laid_points({archive: metrics}, digest=written, is_indexed=False) as name:
                cursor.execute(INSERT.format(name=name))
                copy_to_points(COME_BACK.format(name=name), [], back.add)
        if (written.count, written.hexdigest) != (back.count, back.hexdigest):
            raise ArtifactError(
                f"{back.count:,} of {written.count:,} points came back as they were; nothing was restored."
            )
        archive.runs.all().delete()
        _mark(archive, back.count)
        crash_point("restore.before_commit")
    crash_point("restore.after_restored")
    yield Progress("restored", back.count, archive.row_count)


def _restore_events(archive: Archive) -> Iterator[Progress]:
    expires_at = timezone.now() + dt.timedelta(seconds=KEPT_SECONDS)
    done = 0
    for documents in documents_in(archive_path(archive)):
        _put_back(documents, expires_at)
        done += len(documents)
        yield Progress("restored", done, archive.row_count)
        crash_point("restore.while_inserting")
    with transaction.atomic():
        _mark(archive, done)
        crash_point("restore.before_commit")
    crash_point("restore.after_restored")


def _put_back(documents: Sequence[tuple[str, bytes]], expires_at: dt.datetime) -> None:
    put_back([document for _, document in documents], expires_at=expires_at)
    present = count_present([event_id for event_id, _ in documents])
    if present != len(documents):
        raise ArtifactError(f"{present:,} of {len(documents):,} events are back. Say the command again.")


def _mark(archive: Archive, count: int) -> None:
    archive.state, archive.restored_at = ArchiveState.RESTORED, timezone.now()
    archive.restored_count = count
    archive.save(update_fields=["state", "restored_at", "restored_count"])
    record(action="archive.restore", subject_id=archive.archive_id, details={"rows": count})
