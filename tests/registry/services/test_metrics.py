import math
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.enums import RunStatus
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.models import Metric, MetricPoint, TrainingRun
from registry.queries.runs import metric_history
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import end_run, start_run
from registry.sync.run_bodies import kept_body
from tests.factories import ExperimentFactory, RunFactory

pytestmark = pytest.mark.django_db


def latest(run: TrainingRun, key: str) -> Metric:
    return Metric.objects.get(run=run, key=key)


def samples(count: int, *, keys: int = 1, start: int = 0) -> list[MetricSample]:
    return [MetricSample(f"m{i % keys}", i / 7, start + i // keys, 1_000 + i) for i in range(count)]


@pytest.mark.parametrize("count", [1, 50, 1_000])
def test_a_batch_is_kept_whole_and_in_order(count: int) -> None:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=samples(count))
    history = metric_history(run_id=run.run_id, key="m0")
    assert [(p.step, p.value, p.timestamp_ms) for p in history] == [
        (i, i / 7, 1_000 + i) for i in range(count)
    ]


@pytest.mark.parametrize("count", [1, 50, 1_000])
def test_the_same_batch_again_changes_nothing(count: int) -> None:
    run = RunFactory()
    for _ in range(2):
        log_metrics(run_id=run.run_id, points=samples(count, keys=3))
    assert MetricPoint.objects.filter(metric__run=run).count() == count


def test_a_batch_that_overlaps_an_earlier_one_adds_only_what_is_new() -> None:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=samples(300))
    log_metrics(run_id=run.run_id, points=samples(500))
    assert MetricPoint.objects.filter(metric__run=run).count() == 500


@pytest.mark.parametrize(
    ("count", "keys", "statements"), [(1, 1, 1), (50, 10, 1), (1_000, 10, 1), (5_000, 50, 1)]
)
def test_a_batch_takes_the_same_statements_whatever_its_size(
    count: int, keys: int, statements: int, django_assert_num_queries: Any
) -> None:
    run = RunFactory(status=RunStatus.RUNNING)
    with django_assert_num_queries(statements):  # savepoints included; COPY is not counted by Django
        log_metrics(run_id=run.run_id, points=samples(count, keys=keys))


@pytest.mark.usefixtures("mongo")
def test_a_metric_of_an_ended_run_is_a_change_of_the_run() -> None:
    run = start_run(experiment=ExperimentFactory().name)
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", 0.5, 0, 1)])
    assert TrainingRun.objects.get(run_id=run.run_id).version == 1
    end_run(run_id=run.run_id)
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", 0.75, 1, 2)])
    assert TrainingRun.objects.get(run_id=run.run_id).version == 3
    body = kept_body(run.run_id)
    assert body is not None
    assert (body["status"], body["metrics"]) == ("FINISHED", {"accuracy": 0.75})


def test_the_latest_value_goes_by_step_then_timestamp_then_value() -> None:
    run = RunFactory()
    for step, timestamp, value in [(3, 10, 1.0), (1, 99, 2.0), (3, 12, 3.0), (3, 12, 2.5), (2, 50, 9.0)]:
        log_metrics(run_id=run.run_id, points=[MetricSample("m", value, step, timestamp)])
    found = latest(run, "m")
    assert (found.latest_value, found.latest_step, found.latest_timestamp_ms) == (3.0, 3, 12)
    assert (found.min_value, found.max_value) == (1.0, 9.0)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(-3, 3),
            st.integers(0, 3),
            # without -0.0, which PostgreSQL takes for the same point as 0.0
            st.one_of(st.just(math.nan), st.floats(-5, 5).map(lambda value: value + 0.0), st.just(math.inf)),
        ),
        min_size=1,
        max_size=12,
    ),
    st.integers(1, 12),
)
def test_the_latest_value_does_not_depend_on_how_points_are_batched(
    rows: list[tuple[int, int, float]], size: int
) -> None:
    run = RunFactory()
    points = [MetricSample("m", value, step, timestamp) for step, timestamp, value in rows]
    for start in range(0, len(points), size):
        log_metrics(run_id=run.run_id, points=points[start : start + size])
    history = metric_history(run_id=run.run_id, key="m")
    found = latest(run, "m")
    assert repr((found.latest_step, found.latest_timestamp_ms, found.latest_value)) == repr(
        (history[-1].step, history[-1].timestamp_ms, history[-1].value)
    )
    numbers = [value for _, _, value in rows if not math.isnan(value)]
    assert (found.min_value, found.max_value) == (min(numbers, default=None), max(numbers, default=None))


def test_nan_and_infinities_survive() -> None:
    run = RunFactory()
    values = [math.nan, math.inf, -math.inf]
    log_metrics(run_id=run.run_id, points=[MetricSample("m", v, i, 0) for i, v in enumerate(values)])
    assert [repr(p.value) for p in metric_history(run_id=run.run_id, key="m")] == ["nan", "inf", "-inf"]


def test_accuracy_and_loss_are_repeated_on_the_run() -> None:
    run = RunFactory(accuracy=None, loss=None)
    log_metrics(
        run_id=run.run_id, points=[MetricSample("accuracy", 0.8, 1, 0), MetricSample("loss", 0.2, 1, 0)]
    )
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", 0.7, 0, 0)])
    run.refresh_from_db()
    assert (run.accuracy, run.loss) == (0.8, 0.2)


@pytest.mark.parametrize("value", [93.5, -0.1, math.nan, math.inf])
def test_an_accuracy_that_is_no_share_stays_a_metric_only(value: float) -> None:
    run = RunFactory(accuracy=None)
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", value, 0, 0)])
    run.refresh_from_db()
    assert run.accuracy is None
    assert repr(latest(run, "accuracy").latest_value) == repr(value)


@pytest.mark.parametrize(
    ("sample", "message"),
    [
        (MetricSample("", 1.0, 0, 0), "blank"),
        (MetricSample("k" * 251, 1.0, 0, 0), "251 characters"),
        (MetricSample("a\x00b", 1.0, 0, 0), "NUL"),
        (MetricSample("a\ud800", 1.0, 0, 0), "surrogate"),
        (MetricSample("m", "high", 0, 0), "must be a number"),
        (MetricSample("m", True, 0, 0), "must be a number"),
        (MetricSample("m", 1.0, 2**63, 0), "64 bits"),
        (MetricSample("m", 1.0, 0, -(2**63) - 1), "64 bits"),
        (MetricSample(7, 1.0, 0, 0), "must be text"),
    ],
)
def test_a_bad_point_refuses_the_whole_batch(sample: MetricSample, message: str) -> None:
    run = RunFactory()
    with pytest.raises(BadInputError, match=message):
        log_metrics(run_id=run.run_id, points=[MetricSample("good", 1.0, 0, 0), sample])
    assert Metric.objects.count() == 0


def test_too_many_points_in_one_batch_are_refused() -> None:
    run = RunFactory()
    with pytest.raises(BadInputError, match="at most 100,000"):
        log_metrics(run_id=run.run_id, points=[MetricSample("m", 1.0, 0, 0)] * 100_001)


@pytest.mark.parametrize("run_id", ["f" * 32, "no-id", ""])
def test_metrics_of_a_run_that_is_not_there_are_refused(run_id: str) -> None:
    with pytest.raises(NotFoundError):
        log_metrics(run_id=run_id, points=samples(1))


def test_metrics_of_a_deleted_run_are_refused() -> None:
    run = RunFactory(lifecycle="deleted", deleted_at="2026-01-02T00:00Z")
    with pytest.raises(ConflictError, match="Restore it first"):
        log_metrics(run_id=run.run_id, points=samples(1))


def test_no_points_are_nothing_to_do(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        log_metrics(run_id="f" * 32, points=[])


def test_deleting_a_metric_deletes_its_points() -> None:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=samples(10, keys=2))
    Metric.objects.filter(run=run, key="m0").delete()
    assert MetricPoint.objects.count() == 5
    run.delete()
    assert MetricPoint.objects.count() == 0


def test_points_are_spread_over_sixteen_partitions() -> None:
    for _ in range(40):
        log_metrics(run_id=RunFactory().run_id, points=samples(3))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT tableoid) FROM registry_metricpoint")
        (used,) = cursor.fetchone()
    assert 8 < used <= 16


@pytest.mark.django_db(transaction=True)
def test_a_large_batch_that_overlaps_an_earlier_one_adds_only_what_is_new_outside_of_a_transaction() -> None:
    run = RunFactory()
    for count in (300, 500, 500):
        log_metrics(run_id=run.run_id, points=samples(count, keys=7))
    twice = [*samples(200, start=1_000), *samples(200, start=1_000)]
    log_metrics(run_id=run.run_id, points=twice)
    assert MetricPoint.objects.filter(metric__run=run).count() == 700


@pytest.mark.parametrize("key", ['quo"te', "back\\slash", "com,ma", "{brace}", "NULL", "ü "])
def test_any_key_comes_back_as_it_was_sent(key: str) -> None:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=[MetricSample(key, 0.5, 1, 1), MetricSample("a", 1.0, 1, 1)])
    assert [point.value for point in metric_history(run_id=run.run_id, key=key)] == [0.5]
