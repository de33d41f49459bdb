"""How fast metrics are logged, against plain COPY into the same table.

Both write batches of 1,000 points, each in a transaction of its own, in turn, for fresh runs that
are deleted afterwards. Plain COPY is given the metric ids and leaves out everything else that
``log_metrics`` does: the checks, the latest, least and greatest value, and the guard for repeats.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from registry.models import Experiment, Metric, TrainingRun
from registry.services import metrics
from registry.services.experiments import create_experiment
from registry.services.metrics import MetricSample
from registry.services.runs import start_run

from .environment import percentiles

BATCH = 1_000
EXPERIMENT = "benchmark: metric insert"
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
    if not Experiment.objects.filter(name=EXPERIMENT).exists():
        create_experiment(name=EXPERIMENT)
    try:
        for keys in (1, 10):
            copy: list[float] = []
            ours: list[float] = []
            for _ in range(rounds):
                copy += _copy_times(keys, batches)
                ours += _our_times(keys, batches)
            base = _rate("plain COPY", keys, copy, None)
            yield base
            yield _rate("log_metrics", keys, ours, base.points_per_second)
    finally:
        TrainingRun.objects.filter(experiment__name=EXPERIMENT).delete()


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


def _our_times(keys: int, batches: int) -> list[float]:
    run_id = start_run(experiment=EXPERIMENT).run_id
    seconds = []
    for batch in range(batches):
        points = _points(keys, batch)
        began = time.perf_counter()
        metrics.log_metrics(run_id=run_id, points=points)
        seconds.append(time.perf_counter() - began)
    return seconds


def _copy_times(keys: int, batches: int) -> list[float]:
    run = start_run(experiment=EXPERIMENT)
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
