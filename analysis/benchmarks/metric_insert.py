"""How fast metrics are logged, against plain COPY into the same table.

Both write batches of 1,000 points, each in a transaction of its own, in turn, for fresh runs, in a
database of its own. Plain COPY is given the metric ids and leaves out everything else that
``log_metrics`` does: the checks, the latest, least and greatest value, and the guard for repeats.
One COPY of all batches in one transaction shows what committing each of them costs.
"""

import io
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from registry.models import Experiment, Metric, TrainingRun
from registry.services import metrics
from registry.services.metric_samples import MetricSample

from .environment import percentiles

BATCH = 1_000
TARGET_SHARE = 0.5
COPY, ONE_COPY, OURS = "plain COPY", "one COPY of all", "log_metrics"
START_MS = 1_700_000_000_000
COPY_POINTS = "COPY registry_metricpoint (metric_id, step, timestamp_ms, value) FROM STDIN"


@dataclass(frozen=True)
class InsertRate:
    """One way of writing: points a second, milliseconds a transaction, share of plain COPY's rate."""

    way: str
    keys: int
    points_per_second: float
    p50_ms: float
    p95_ms: float
    share_of_copy: float


def measure_insert(*, batches: int, rounds: int) -> Iterator[InsertRate]:
    """Measure with 1 and with 10 keys; yields COPY, one COPY of all, then ours, for each."""
    experiment = Experiment.objects.create(name="benchmark")
    for keys in (1, 10):
        copy: list[float] = []
        whole: list[float] = []
        ours: list[float] = []
        for _ in range(rounds):
            copy += _copy_times(_run(experiment), keys, [BATCH] * batches)
            ours += _our_times(_run(experiment), keys, batches)
            whole += _copy_times(_run(experiment), keys, [BATCH * batches])
        points = BATCH * batches * rounds
        base = points / sum(copy)
        yield _rate(COPY, keys, points, copy, base)
        yield _rate(ONE_COPY, keys, points, whole, base)
        yield _rate(OURS, keys, points, ours, base)


def is_reached(rates: Iterable[InsertRate]) -> bool:
    """Whether ours is at least half as fast as plain COPY in equal batches, with any number of keys."""
    return all(rate.share_of_copy >= TARGET_SHARE for rate in rates if rate.way == OURS)


def _run(experiment: Experiment) -> TrainingRun:
    """A row alone: a run started by the service would owe MongoDB a body."""
    return TrainingRun.objects.create(experiment=experiment, name="benchmark", started_at=timezone.now())


def _rate(way: str, keys: int, points: int, seconds: list[float], base: float) -> InsertRate:
    rate = points / sum(seconds)
    times = percentiles([each * 1_000 for each in seconds])
    return InsertRate(way, keys, rate, times["p50"], times["p95"], rate / base)


def _points(keys: int, start: int, number: int) -> list[MetricSample]:
    return [
        MetricSample(f"metric_{i % keys}", i / 7, i // keys, START_MS + i)
        for i in range(start, start + number)
    ]


def _our_times(run: TrainingRun, keys: int, batches: int) -> list[float]:
    seconds = []
    for batch in range(batches):
        points = _points(keys, batch * BATCH, BATCH)
        began = time.perf_counter()
        metrics.log_metrics(run_id=run.run_id, points=points)
        seconds.append(time.perf_counter() - began)
    return seconds


def _copy_times(run: TrainingRun, keys: int, sizes: Sequence[int]) -> list[float]:
    """COPY that many points in each transaction."""
    ids = [
        Metric.objects.create(
            run=run, key=f"metric_{key}", latest_value=0, latest_step=0, latest_timestamp_ms=0
        ).pk
        for key in range(keys)
    ]
    seconds, start = [], 0
    for size in sizes:
        rows = [
            (ids[i % keys], point.step, point.timestamp_ms, point.value)
            for i, point in enumerate(_points(keys, start, size), start)
        ]
        start += size
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            text = "".join([f"{metric}\t{step}\t{at}\t{value!r}\n" for metric, step, at, value in rows])
            cursor.cursor.copy_expert(COPY_POINTS, io.StringIO(text))
        seconds.append(time.perf_counter() - began)
    return seconds
