import datetime as dt
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection

from registry.archives.metrics import archive_metrics
from registry.models import Archive, TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from tests.factories import RunFactory

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
Row = tuple[int, int, int, bytes]
ALL = "SELECT metric_id, step, timestamp_ms, float8send(value) FROM registry_metricpoint ORDER BY 1, 2, 3, value"
POINTS = [
    MetricSample("loss", value, step, 1_700_000_000_123 + step)
    for step, value in enumerate([0.1, -0.0, math.inf, -math.inf, math.nan, 5e-324, 1.7976931348623157e308])
] + [MetricSample("acc/val ü", 1 / 3, -(2**63), 2**63 - 1), MetricSample("acc/val ü", 2.0, 0, -(2**63))]


@pytest.fixture(autouse=True)
def archive_root(settings: LazySettings, tmp_path: Path) -> Path:
    settings.ARCHIVE_ROOT = tmp_path / "archive"
    return tmp_path / "archive"


@pytest.fixture
def run() -> TrainingRun:
    """An old run with points of every kind of number."""
    return logged(RunFactory.create())


def logged(run: TrainingRun, points: Sequence[MetricSample] = POINTS) -> TrainingRun:
    log_metrics(run_id=run.run_id, points=points)
    return run


def table() -> list[Row]:
    """All points, their values bit by bit."""
    with connection.cursor() as cursor:
        cursor.execute(ALL)
        return [(metric, step, at, bytes(value)) for metric, step, at, value in cursor.fetchall()]


def archived(before: dt.datetime = NOW, **options: Any) -> list[Archive]:
    steps = archive_metrics(before=before, **options)
    return [each for each in steps if isinstance(each, Archive)]
