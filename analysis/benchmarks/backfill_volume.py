"""The backfill at volume: runs written by plain SQL, their bodies brought to MongoDB."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from registry.models import TrainingRun
from registry.postgres.deadlines import within
from registry.sync.backfill import promise_bodies
from registry.sync.backfill_check import verify
from registry.sync.backfill_choice import Choice
from registry.sync.backfill_runs import Migrated, migrate

from .run_rows import fill_runs

SECONDS = 3_600
BATCH = 1_000
PARAMS, TAGS, METRICS = 10, 3, 2
ROWS_A_RUN = 1 + PARAMS + TAGS + METRICS

FILL_DETAILS = """
INSERT INTO registry_param (run_id, key, value, value_number)
SELECT r.id, 'optimizer.param_' || n, (r.id * n)::text, r.id * n
FROM registry_trainingrun r, generate_series(1, %(params)s) n;
INSERT INTO registry_runtag (run_id, key, value)
SELECT r.id, 'tag_' || n, 'value ' || r.id FROM registry_trainingrun r, generate_series(1, %(tags)s) n;
INSERT INTO registry_metric (run_id, key, latest_value, latest_step, latest_timestamp_ms)
SELECT r.id, 'metric_' || n, random(), 1, 1 FROM registry_trainingrun r, generate_series(1, %(metrics)s) n;
"""


@dataclass(frozen=True)
class BackfillTime:
    """One piece of work; ``rows_per_second`` counts the rows that bodies are made of."""

    work: str
    runs: int
    seconds: float
    runs_per_second: float
    rows_per_second: float


def fill(*, runs: int) -> None:
    """Runs with ten params, three tags and two metrics, and nothing of them in any other store."""
    with within(SECONDS), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        fill_runs(cursor, runs=runs, experiments=20)
        cursor.execute(FILL_DETAILS, {"params": PARAMS, "tags": TAGS, "metrics": METRICS})
        cursor.execute("VACUUM ANALYZE")


def measure_backfill() -> Iterator[BackfillTime]:
    """Promise alone; the walk; a walk with nothing to do; everything again; the comparison alone."""
    runs = TrainingRun.objects.count()
    yield _timed("promised only, rolled back", min(runs, 5 * BATCH), _promise)
    yield _walked("first walk, without its comparison", Choice())
    yield _walked("repeated: nothing to do", Choice())
    yield _walked("all sent again", Choice(is_again=True))
    yield _timed("comparison: sums and bytes", runs, _compare)


def _promise() -> None:
    ids = [str(run_id) for run_id in TrainingRun.objects.order_by("pk").values_list("run_id", flat=True)]
    for start in range(0, min(len(ids), 5 * BATCH), BATCH):
        with transaction.atomic():
            promise_bodies(ids[start : start + BATCH])
            transaction.set_rollback(True)


def _compare() -> None:
    for _ in verify(Choice().runs()):
        pass


def _walked(work: str, choice: Choice) -> BackfillTime:
    with within(SECONDS):
        *_, migrated = migrate(choice, batch=BATCH)
    if not isinstance(migrated, Migrated) or not migrated.backfill.is_verified:
        raise RuntimeError("The stores do not agree after the walk.")
    return _time(work, migrated.backfill.looked_at, migrated.backfill.working_seconds)


def _timed(work: str, runs: int, do: Callable[[], None]) -> BackfillTime:
    began = time.perf_counter()
    with within(SECONDS):
        do()
    return _time(work, runs, time.perf_counter() - began)


def _time(work: str, runs: int, seconds: float) -> BackfillTime:
    return BackfillTime(work, runs, seconds, runs / seconds, runs * ROWS_A_RUN / seconds)
