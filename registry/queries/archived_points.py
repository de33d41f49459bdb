"""Points of runs that were archived: found in their Parquet files, and laid beside the table for a read."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from registry.enums import ArchiveState
from registry.exceptions import ArtifactError, StoreUnavailableError
from registry.models import Archive, ArchivedRun
from registry.postgres.copying import copy

POINTS = "registry_metricpoint"
# For statements that read points of a run r: whether some lie in a file.
IS_ARCHIVED = "EXISTS (SELECT FROM registry_archivedrun WHERE run_id = r.id)"
LAY = "CREATE TEMP TABLE {name} (metric_id int8, step int8, timestamp_ms int8, value float8) ON COMMIT DROP"
FILL = "COPY {name} (metric_id, step, timestamp_ms, value) FROM STDIN (FORMAT binary)"
INDEX = "CREATE INDEX ON {name} (metric_id, step, timestamp_ms, value)"
# A point that was logged again after it was archived is one point.
BOTH = """(SELECT metric_id, step, timestamp_ms, value FROM registry_metricpoint
    WHERE metric_id = ANY(ARRAY(SELECT id FROM registry_metric WHERE run_id = ANY('{{{runs}}}'::int8[])))
    UNION SELECT metric_id, step, timestamp_ms, value FROM {name})"""
# Where the archives are told and the table is read in one snapshot, nothing is taken in between.
ONE_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;"
OF_RUNS = """
SELECT a.archive_id, m.id FROM registry_archivedrun a JOIN registry_metric m ON m.run_id = a.run_id
WHERE a.run_id = ANY(%(runs)s) AND (%(key)s IS NULL OR m.key = %(key)s)
"""


@dataclass(frozen=True)
class ArchivedNote:
    """Where points of a run lie, for pages."""

    archive_id: str
    point_count: int
    taken_at: dt.datetime | None


def archive_path(archive: Archive) -> Path:
    """Where an archive's file lies."""
    root: Path = settings.ARCHIVE_ROOT
    return root / str(archive.archive_id) / archive.file_name


def archived_notes(run: int) -> list[ArchivedNote]:
    """In which archives points of this run lie (one statement)."""
    found = ArchivedRun.objects.filter(run=run, archive__state=ArchiveState.TAKEN).select_related("archive")
    return [ArchivedNote(each.archive.archive_id, each.point_count, each.archive.taken_at) for each in found]


@contextmanager
def points_with_archived(runs: Sequence[int], *, key: str | None = None) -> Iterator[str]:
    """What to read instead of the table of points, so that archived points of these runs are among them.

    They are read from their files and laid into a temporary table, as long as the context lasts; what is
    read inside belongs to one transaction, and sees one snapshot where that begins here.

    Args:
        runs: primary keys.
        key: only this metric's.

    Raises:
        StoreUnavailableError: a file is missing or damaged.
    """
    first = "" if connection.in_atomic_block else ONE_SNAPSHOT
    with transaction.atomic():
        wanted = _metrics_by_archive(runs, key, first)
        if not wanted:
            yield POINTS
            return
        with ExitStack() as stack:
            try:
                name = stack.enter_context(laid_points(wanted))
            except ArtifactError as error:
                raise StoreUnavailableError(_cure(wanted, error)) from error
            yield BOTH.format(name=name, runs=",".join(str(int(run)) for run in runs))


@contextmanager
def laid_points(
    wanted: dict[Archive, Collection[int]], *, digest: Any = None, is_indexed: bool = True
) -> Iterator[str]:
    """A temporary table of these metrics' points out of their archives' files, inside a transaction.

    Args:
        digest: what takes the points as they pass (:class:`registry.parquet.points.ContentDigest`).
    """
    from registry.parquet.points import copy_bytes, points_in  # noqa: PLC0415 (pyarrow: 0.4 s, 55 MB)

    name = f"archived_points_{id(wanted)}"
    with connection.cursor() as cursor:
        cursor.execute(LAY.format(name=name))
        for archive, metrics in wanted.items():
            for points in points_in(archive_path(archive), metrics):
                if digest is not None:
                    digest.add(points)
                copy(FILL.format(name=name), copy_bytes(points), piece_bytes=1 << 20)
        if is_indexed:
            cursor.execute(INDEX.format(name=name))
        cursor.execute(f"ANALYZE {name}")
        yield name
        cursor.execute(f"DROP TABLE {name}")


def _cure(wanted: Iterable[Archive], error: ArtifactError) -> str:
    names = ", ".join(archive.archive_id[:8] for archive in wanted)
    return (
        f"The points lie in archive {names}, which can't be read: {error}"
        " Bring the file back from a backup of ARCHIVE_ROOT; then see: manage.py archive verify"
    )


def _metrics_by_archive(runs: Sequence[int], key: str | None, first: str) -> dict[Archive, Collection[int]]:
    with connection.cursor() as cursor:
        cursor.execute(first + OF_RUNS, {"runs": list(runs), "key": key})
        pairs: list[tuple[int, int]] = cursor.fetchall()
    metrics: dict[int, set[int]] = {}
    for archive, metric in pairs:
        metrics.setdefault(archive, set()).add(metric)
    return {each: metrics[each.pk] for each in Archive.objects.filter(pk__in=metrics).order_by("pk")}
