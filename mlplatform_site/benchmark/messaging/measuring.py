"""Tasks over one broker: promised, published with the broker's word for it, done; and how long one takes."""

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from analysis.benchmarks.environment import percentiles
from mlplatform_site.benchmark.surroundings import environment
from mlplatform_site.demo import children
from mlplatform_site.demo.children import Child
from registry.enums import OutboxTarget
from registry.messaging import promise_task, promise_tasks
from registry.sync.relay import relay_once
from registry.sync.targets import TARGETS

from .nothing import NAME

PIECE = 1_000
PATIENCE_SECONDS = 300
OPEN = "SELECT count(*) FROM registry_delivery WHERE state <> 'done'"
FINISHED = (
    "SELECT 1 FROM registry_delivery d JOIN registry_message m ON m.id = d.message_id"
    " WHERE m.message_id = %s AND d.state = 'done'"
)


@dataclass(frozen=True)
class TaskFigures:
    """One broker's figures: tasks a second at each step, and milliseconds from promise to done."""

    broker: str
    tasks: int
    promised_per_second: float
    published_per_second: float
    done_per_second: float
    latencies: int
    p50_ms: float
    p99_ms: float


def measure(broker: str, url: str, *, tasks: int, latencies: int, log: Path) -> TaskFigures:
    """Measure a broker with an empty stack around it; the worker runs ``WORKER_PROCESSES`` processes."""
    settings.BROKER_URL = url
    promised = _per_second(tasks, lambda: _promise(tasks))
    published = _per_second(tasks, _publish)
    with environment(BROKER_URL=url), _worker(log):
        _wait_for_fewer(tasks)  # the worker is up
        left = _asked(OPEN)
        done = _per_second(left, lambda: _wait_for_fewer(1))
        with children.relay(log=log):
            found = percentiles([seconds * 1_000 for seconds in _one_at_a_time(latencies)])
    TARGETS[OutboxTarget.CELERY].close()  # type: ignore[attr-defined]
    return TaskFigures(broker, tasks, promised, published, done, latencies, found["p50"], found["p99"])


def _promise(count: int) -> None:
    for start in range(0, count, PIECE):
        with transaction.atomic():
            promise_tasks(NAME, [{}] * min(PIECE, count - start))


def _publish() -> None:
    while relay_once(OutboxTarget.CELERY):
        pass


def _one_at_a_time(count: int) -> Iterator[float]:
    """Seconds from before each promise until its task is seen to be done."""
    for number in range(count + 3):
        began = time.perf_counter()
        with transaction.atomic():
            message_id = promise_task(NAME)
        while not _asked(FINISHED, message_id):
            time.sleep(0.001)
        if number >= 3:  # noqa: PLR2004 (the first ones find everything cold)
            yield time.perf_counter() - began


def _worker(log: Path) -> Child:
    words = ["-m", "celery", "--app", "mlplatform_site.benchmark.messaging.worker", "--quiet", "worker"]
    return Child("The worker", [sys.executable, *words], log=log)


def _wait_for_fewer(than: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while _asked(OPEN) >= than:
        if time.monotonic() > until:
            raise RuntimeError(f"{_asked(OPEN)} tasks were not done within {PATIENCE_SECONDS} s.")
        time.sleep(0.01)


def _asked(sql: str, *values: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def _per_second(count: int, work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)
