"""What a child does for the archive tests: fill, archive, restore, and tell what is where."""

import datetime as dt
import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from django.conf import settings
from django.db import connection

from features.services.hdf5_import import import_hdf5
from features.services.windows import read_windows
from features.window_files import write_file
from registry.archives.catalog import verify_archive
from registry.archives.events import archive_events
from registry.archives.metrics import archive_metrics
from registry.archives.restore import restore_archive
from registry.documents import event_archive
from registry.enums import ArchiveState, RunStatus
from registry.models import Archive, Experiment, TrainingRun
from registry.services.events import EventInput, record_events
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics

pd.array([])  # pyarrow looks for pandas at its first array: once here instead of in every child
DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LATER = dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
POINTS, RUNS, EVENTS = 40, 3, 30
DIGEST = """
SELECT coalesce(encode(sha256(string_agg(int8send(metric_id) || int8send(step) || int8send(timestamp_ms)
    || float8send(value), ''::bytea ORDER BY metric_id, step, timestamp_ms, value)), 'hex'), ''), count(*)
FROM registry_metricpoint
"""


def fill() -> dict[str, Any]:
    """Old runs with points, NaN among them, and events; what was there is gone."""
    Archive.objects.all().delete()
    shutil.rmtree(settings.ARCHIVE_ROOT, ignore_errors=True)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_metricpoint")
    event_archive.delete_events([_event_id(number) for number in range(EVENTS)])
    experiment, _ = Experiment.objects.get_or_create(name="archived")
    for number in range(RUNS):
        run = TrainingRun.objects.create(
            experiment=experiment,
            name=f"run {number}",
            status=RunStatus.FINISHED,
            started_at=DAY,
            ended_at=DAY,
        )
        values = [float("nan"), float("inf"), *(step / 3 for step in range(POINTS - 2))]
        log_metrics(
            run_id=run.run_id, points=[MetricSample("loss", each, at, at) for at, each in enumerate(values)]
        )
    happened = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    record_events(
        events=[
            EventInput("visit", f"c{number}", happened, data={"n": number}, event_id=_event_id(number))
            for number in range(EVENTS)
        ]
    )
    return told()


def archive(kind: str) -> dict[str, Any]:
    """Archive all of it, in several files."""
    steps: Any = archive_metrics(before=LATER, most_points=POINTS * 2)
    if kind == "events":
        steps = archive_events(before=LATER, most_events=EVENTS // 2)
    for _ in steps:
        pass
    return told()


def restore() -> dict[str, Any]:
    """Restore every archive."""
    for archive_id in Archive.objects.filter(state=ArchiveState.TAKEN).values_list("archive_id", flat=True):
        for _ in restore_archive(str(archive_id)):
            pass
    return told()


def told() -> dict[str, Any]:
    """What the stores and the folder hold."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST)
        points = list(cursor.fetchone())
    events = [event for batch in event_archive.events_before(LATER, limit=1_000) for event in batch]
    bodies = sorted(hashlib.sha256(repr(_body(event.document)).encode()).hexdigest() for event in events)
    taken = Archive.objects.filter(state=ArchiveState.TAKEN)
    root = Path(settings.ARCHIVE_ROOT)
    return {
        "points": points,
        "events": bodies,
        "archived": sum(verify_archive(str(each.archive_id)).row_count for each in taken),
        "states": sorted(Archive.objects.values_list("state", flat=True)),
        "folders": len(list(root.iterdir())) if root.exists() else 0,
    }


def _event_id(number: int) -> str:
    return f"{number:032x}"


def _body(document: bytes) -> dict[str, Any]:
    body = event_archive.decoded(document)
    return {name: value for name, value in body.items() if name != "expires_at"}


def import_recording() -> dict[str, Any]:
    """Import a small HDF5 file and read a window of it."""
    outside = Path(settings.DATA_ROOT).parent / "outside.h5"
    if not outside.is_file():
        write_file(outside, {"ecg": np.arange(100.0)})
    found = import_hdf5(path=outside, name="recorded")
    (window,) = read_windows(dataset="recorded", starts=[0], length=3)
    files = sorted(path.name for path in Path(settings.DATA_ROOT).iterdir())
    return {"is_new": found.is_new, "windows": window.array.tolist(), "files": files}


OPERATIONS = {
    "import_hdf5": import_recording,
    "archive_fill": fill,
    "archive": archive,
    "archive_restore": restore,
    "archive_told": told,
}
