"""How fast points and events are archived, read where they are, and restored; how fast runs are exported."""

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection
from django.utils import timezone

from analysis.queries.metric_curves import metric_curves
from registry.archives.events import archive_events
from registry.archives.exporting import export_runs
from registry.archives.metrics import archive_metrics
from registry.archives.restore import restore_archive
from registry.enums import ArchiveKind
from registry.models import Archive, Experiment, MetricPoint, TrainingRun
from registry.postgres.deadlines import within
from registry.services.events import EventInput, record_events

POINTS_OF_A_RUN = 10_000
EVENTS_AT_ONCE = 2_000
FILL_SECONDS = 600
RUNS = """
INSERT INTO registry_trainingrun (run_id, experiment_id, name, model_name, framework, status, lifecycle,
    version, body_version, body_bytes, failure_reason, started_at, ended_at, created_at, updated_at)
SELECT gen_random_uuid(), %(experiment)s, 'run ' || n, '', '', 'FINISHED', 'active', 1, 0, 0, '',
    '2026-01-01', '2026-01-02', now(), now()
FROM generate_series(1, %(runs)s) AS n
"""
METRICS = """
INSERT INTO registry_metric (run_id, key, latest_value, latest_step, latest_timestamp_ms)
SELECT id, 'loss', 0, 0, 0 FROM registry_trainingrun
"""
POINTS = """
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT m.id, n, 1700000000000 + n * 100, exp(-n / 3000.0) + random() / 50
FROM registry_metric m CROSS JOIN generate_series(1, %(points)s) AS n
"""


@dataclass(frozen=True)
class Rate:
    """One piece of work."""

    work: str
    rows: int
    seconds: float
    rows_per_second: float
    megabytes: float


def measure_archives(*, points: int, events: int) -> Iterator[Rate]:
    """Fill, archive, read, restore, export; everything in the stores that stand there."""
    runs = max(1, points // POINTS_OF_A_RUN)
    _fill(runs)
    rows, before = runs * POINTS_OF_A_RUN, dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    first = TrainingRun.objects.order_by("pk").values_list("pk", flat=True)[0]
    yield _rate("read a curve of 10,000 from the table", POINTS_OF_A_RUN, lambda: metric_curves([first]))
    yield _rate("archive points", rows, lambda: _all(archive_metrics(before=before)))
    yield _rate("read a curve of 10,000 from the file", POINTS_OF_A_RUN, lambda: metric_curves([first]))
    yield _rate("restore points", rows, lambda: _restore(ArchiveKind.METRICS))
    if MetricPoint.objects.count() != rows:
        raise AssertionError("Not every point came back.")
    with tempfile.TemporaryDirectory() as folder:
        yield _rate("export points and runs", rows, lambda: _all(export_runs(folder=Path(folder, "out"))))
    _record(events)
    yield _rate("archive events", events, lambda: _all(archive_events(before=timezone.now())))
    yield _rate("restore events", events, lambda: _restore(ArchiveKind.EVENTS))


def _fill(runs: int) -> None:
    experiment = Experiment.objects.create(name="benchmark")
    with within(FILL_SECONDS), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(RUNS, {"experiment": experiment.pk, "runs": runs})
        cursor.execute(METRICS)
        cursor.execute(POINTS, {"points": POINTS_OF_A_RUN})
        cursor.execute("VACUUM ANALYZE registry_metricpoint")


def _record(events: int) -> None:
    at = timezone.now() - dt.timedelta(days=1)
    for start in range(0, events, EVENTS_AT_ONCE):
        count = min(EVENTS_AT_ONCE, events - start)
        numbers = range(start, start + count)
        happened = [EventInput("visit", f"c{n}", at, data={"n": n, "page": "/a"}) for n in numbers]
        record_events(events=happened)


def _restore(kind: ArchiveKind) -> None:
    for archive_id in Archive.objects.filter(kind=kind, state="taken").values_list("archive_id", flat=True):
        _all(restore_archive(str(archive_id)))


def _all(steps: Iterable[object]) -> None:
    for _ in steps:
        pass


def _rate(work: str, rows: int, do: Callable[[], object]) -> Rate:
    began = time.perf_counter()
    do()
    took = time.perf_counter() - began
    size = sum(Archive.objects.filter(state="taken").values_list("byte_count", flat=True))
    return Rate(work, rows, took, rows / took, size / 1e6)
