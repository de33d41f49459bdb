"""What the cache saves: one answer read in each way, and the page of a run with long curves.

In stores of their own, the ways in turn, so that whatever else the machine does falls on all of them alike.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from features import keys
from features.caches import Cache
from features.online import leases
from features.online.connection import cache
from features.online.local_memory import memory
from features.online.read_through import read_through
from features.services.model_info import packed
from registry.models import TrainingRun
from registry.queries.runs import run_summary
from registry.services.experiments import create_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import end_run, start_run
from registry.sync.outbox import only_promised

from .environment import percentiles

LEASED = Cache("benchmark", 600)
VERSIONED = Cache("benchmark", 600, is_immutable=True)
CURVES, POINTS = 8, 10_000
WARM_UP = 3
Ways = Mapping[str, Callable[[], object]]


@dataclass(frozen=True)
class ReadCost:
    """One way of reading: microseconds, how much faster than the first, its time against bare redis-py."""

    way: str
    p50_us: float
    p95_us: float
    p99_us: float
    times_faster: float
    times_bare_redis: float | None = None


def run_with_curves() -> TrainingRun:
    """An ended run with 8 metrics of 10,000 points each."""
    create_experiment(name="benchmark")
    chance = np.random.default_rng(5)
    with only_promised():
        run = start_run(experiment="benchmark", config={"lr": 0.1}, tags={"team": "a"})
        for number in range(CURVES):
            values = np.exp(-np.arange(POINTS) / 3_000) + chance.normal(0, 0.05, POINTS)
            points = [
                MetricSample(f"metric_{number}", value, step, 1_700_000_000_000 + step * 100)
                for step, value in enumerate(values.tolist())
            ]
            log_metrics(run_id=run.run_id, points=points)
        end_run(run_id=run.run_id)
    return TrainingRun.objects.get(pk=run.pk)


def measure_reads(run: TrainingRun, *, rounds: int) -> Iterator[ReadCost]:
    """One run's record, from the ORM, from bare PostgreSQL and Redis, and through the cache API."""
    answer, key = packed(run_summary(run.run_id)), keys.run_info(run.run_id)
    cache().set(key, answer, ex=600)
    runs = TrainingRun.objects.select_related("experiment", "dataset")
    ways: Ways = {
        "ORM, one row with its names": lambda: runs.get(run_id=run.run_id),
        "record of params, metrics, tags": lambda: run_summary(run.run_id),
        "bare SELECT of the row": lambda: _selected(run.run_id),
        "bare redis-py GET": lambda: cache().get(key),
        "cache API, from Redis": lambda: read_through(LEASED, key, lambda: answer),
        "cache API, from memory": lambda: read_through(VERSIONED, key, lambda: answer),
    }
    yield from _measured(ways, rounds)


def measure_page(run: TrainingRun, *, rounds: int) -> Iterator[ReadCost]:
    """The whole page of the run, by Django's test client: nothing cached, then in Redis, then in memory."""
    reader = Client()
    reader.force_login(User.objects.create_superuser("reader"))
    path = f"/runs/{run.run_id}/"

    def page() -> None:
        if reader.get(path, headers={"host": "127.0.0.1"}).status_code != 200:  # noqa: PLR2004 (OK)
            raise RuntimeError("The page does not answer.")

    def from_redis() -> None:
        memory.clear()
        page()

    def from_the_source() -> None:
        drawn = keys.run_curves(run.run_id, run.version, "*")
        leases.forget([each.decode() for each in cache().scan_iter(drawn, count=10_000)])
        from_redis()

    yield from _measured(
        {"nothing cached": from_the_source, "from Redis": from_redis, "from memory": page}, rounds
    )


def _selected(run_id: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registry_trainingrun WHERE run_id = %s", [run_id])
        return cursor.fetchone()


def _measured(ways: Ways, rounds: int) -> Iterator[ReadCost]:
    took: dict[str, list[float]] = {way: [] for way in ways}
    for turn in range(rounds + WARM_UP):
        for way, read in ways.items():
            began = time.perf_counter()
            read()
            if turn >= WARM_UP:
                took[way].append((time.perf_counter() - began) * 1e6)
    costs = {way: percentiles(each) for way, each in took.items()}
    first = next(iter(costs.values()))["p50"]
    bare = costs.get("bare redis-py GET", {}).get("p50")
    for way, cost in costs.items():
        p50, p95, p99 = (round(cost[each], 1) for each in ("p50", "p95", "p99"))
        yield ReadCost(
            way, p50, p95, p99, round(first / cost["p50"], 1), bare and round(cost["p50"] / bare, 2)
        )
