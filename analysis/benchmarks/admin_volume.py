"""The admin at a million metrics: what each list, search, page and form costs.

Works in a database of its own, filled by SQL.
"""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import Metric, TrainingRun
from registry.postgres.deadlines import within

FILL_SECONDS = 3_600
REPEATS = 5

FILL_EXPERIMENTS = """
INSERT INTO registry_experiment (experiment_id, name, description, lifecycle, artifact_location, version,
    body_version, created_at, updated_at)
SELECT md5('e' || n), 'experiment-' || n, '', 'active', '', 1, 1, now(), now() FROM generate_series(1, 50) n;
"""
FILL = """
INSERT INTO registry_trainingrun (run_id, experiment_id, name, model_name, framework, status, lifecycle,
    accuracy, loss, duration_seconds, started_at, ended_at, failure_reason, version, body_version,
    body_bytes, created_at, updated_at)
SELECT md5('r' || n)::uuid, (SELECT min(id) FROM registry_experiment) + n %% 50, 'run-' || n,
    'model-' || n %% 20, (ARRAY['pytorch', 'scikit-learn', 'xgboost'])[1 + n %% 3],
    (ARRAY['FINISHED', 'FINISHED', 'FAILED'])[1 + n %% 3], 'active', random(), random(), 60,
    now() - n * interval '1 minute', now(), '', 1, 1, 0, now(), now()
FROM generate_series(1, %(runs)s) n;
INSERT INTO registry_metric (run_id, key, latest_value, latest_step, latest_timestamp_ms,
    min_value, max_value)
SELECT r.id, 'metric_' || k, random(), 0, 0, 0, 1
FROM registry_trainingrun r, generate_series(1, %(keys)s) k;
INSERT INTO registry_metricpoint (metric_id, step, timestamp_ms, value)
SELECT m.id, s, s, random() FROM (SELECT id FROM registry_metric ORDER BY id LIMIT %(curves)s) m,
    generate_series(1, 1000) s;
ANALYZE;
"""


@dataclass(frozen=True)
class PageCost:
    """One page: median milliseconds on the server, statements, bytes of HTML."""

    page: str
    median_ms: float
    queries: int
    kilobytes: float


def fill(*, runs: int, metrics: int, points: int) -> None:
    """Fill the database by SQL: runs, metrics spread over them, points in curves of 1,000."""
    with within(FILL_SECONDS), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(
            FILL_EXPERIMENTS + FILL, {"runs": runs, "keys": metrics // runs, "curves": points // 1_000}
        )


def measure_admin() -> Iterator[PageCost]:
    """Ask each page of the admin several times, in process."""
    admin = get_user_model().objects.create_superuser("bench")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(admin)
    for page, url in _pages():
        seconds, queries, size = [], 0, 0
        for _ in range(REPEATS):
            with CaptureQueriesContext(connection) as captured:
                began = time.perf_counter()
                response = client.get(url)
                seconds.append(time.perf_counter() - began)
            if response.status_code != HTTPStatus.OK:
                raise RuntimeError(f"{url} answers {response.status_code}")
            queries, size = len(captured), len(response.content)
        yield PageCost(page, statistics.median(seconds) * 1_000, queries, size / 1_024)


def _pages() -> list[tuple[str, str]]:
    runs, metrics = (reverse(f"admin:registry_{name}_changelist") for name in ("trainingrun", "metric"))
    middle = Metric.objects.count() // 2
    first_run, first_metric = TrainingRun.objects.earliest("pk"), Metric.objects.earliest("pk")
    return [
        ("admin index", reverse("admin:index")),
        ("runs", runs),
        ("runs, last page", f"{runs}?older={first_run.pk + 50}"),
        ("runs, status filter", f"{runs}?status__exact=FAILED"),
        ("runs, framework filter", f"{runs}?framework=pytorch"),
        ("runs, name search", f"{runs}?q=run-777"),
        ("runs, id search", f"{runs}?q={first_run.run_id}"),
        ("run form", reverse("admin:registry_trainingrun_change", args=[first_run.pk])),
        ("metrics", metrics),
        ("metrics, page in the middle", f"{metrics}?older={first_metric.pk + middle}"),
        ("metrics, last page", f"{metrics}?older={first_metric.pk + 50}"),
        ("metrics, key search", f"{metrics}?q=metric_7"),
        ("metric form", reverse("admin:registry_metric_change", args=[first_metric.pk])),
        ("points of a metric", reverse("admin:registry_metric_points", args=[first_metric.pk])),
        ("runs table (site)", reverse("analysis:run-list")),
        ("run page (site)", reverse("analysis:run-detail", args=[first_run.run_id])),
    ]
