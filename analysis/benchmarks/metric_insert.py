"""How fast metrics are logged, against plain COPY into the same table.

Both write batches of 1,000 points, each in a transaction of its own, in turn, for fresh runs, in a
database of its own. Plain COPY is given the metric ids and leaves out everything else that
``log_metrics`` does: the checks, the latest, least and greatest value, and the guard for repeats.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from registry.models import Experiment, Metric, TrainingRun
from registry.services import metrics
from registry.services.metrics import MetricSample

from .environment import percentiles

BATCH = 1_000
START_MS = 1_700_000_000_000


@dataclass(frozen=True)
class InsertRate:
    """One way of writing; rates are points a second, times are milliseconds a batch."""

    way: str
    keys: int
    points_per_second: float
    p50_ms: float
    p95_ms: float
    share_of_copy: float | None


def measure_insert(*, batches: int, rounds: int) -> Iterator[InsertRate]:
    """Measure with 1 and with 10 keys; yields COPY, then ours, for each."""
    experiment = Experiment.objects.create(name="benchmark")
    for keys in (1, 10):
        copy: list[float] = []
        ours: list[float] = []
        for _ in range(rounds):
            copy += _copy_times(_run(experiment), keys, batches)
            ours += _our_times(_run(experiment), keys, batches)
        base = _rate("plain COPY", keys, copy, None)
        yield base
        yield _rate("log_metrics", keys, ours, base.points_per_second)


def _run(experiment: Experiment) -> TrainingRun:
    """A row alone: a run started by the service would owe MongoDB a body."""
    return TrainingRun.objects.create(experiment=experiment, name="benchmark", started_at=timezone.now())


def _rate(way: str, keys: int, seconds: list[float], base: float | None) -> InsertRate:
    rate = BATCH * len(seconds) / sum(seconds)
    times = percentiles([each * 1_000 for each in seconds])
    return InsertRate(way, keys, rate, times["p50"], times["p95"], rate / base if base else None)


def _points(keys: int, batch: int) -> list[MetricSample]:
    start = batch * BATCH
    return [
        MetricSample(f"metric_{i % keys}", (start + i) / 7, (start + i) // keys, START_MS + start + i)
        for i in range(BATCH)
    ]


def _our_times(run: TrainingRun, keys: int, batches: int) -> list[float]:
    seconds = []
    for batch in range(batches):
        points = _points(keys, batch)
        began = time.perf_counter()
        metrics.log_metrics(run_id=run.run_id, points=points)
        seconds.append(time.perf_counter() - began)
    return seconds


def _copy_times(run: TrainingRun, keys: int, batches: int) -> list[float]:
    ids = [
        Metric.objects.create(
            run=run, key=f"metric_{key}", latest_value=0, latest_step=0, latest_timestamp_ms=0
        ).pk
        for key in range(keys)
    ]
    seconds = []
    for batch in range(batches):
        rows = [
            (ids[i % keys], point.step, point.timestamp_ms, point.value)
            for i, point in enumerate(_points(keys, batch))
        ]
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            metrics.copy_points(cursor, rows)
        seconds.append(time.perf_counter() - began)
    return seconds
