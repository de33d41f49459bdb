"""The analytical queries with many rows, and with numbers at the ends of what a float can hold."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from registry.models import Deployment, DeploymentEvent
from registry.queries.arithmetic import per_hour
from registry.queries.best_run_per_dataset import best_run_per_dataset
from registry.queries.dataset_stats import dataset_stats
from registry.queries.deployment_history import deployment_history
from registry.queries.framework_comparison import framework_comparison
from registry.queries.metric_series import metric_series
from registry.queries.top_runs import top_runs
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from tests.factories import ModelVersionFactory, RunFactory

pytestmark = pytest.mark.django_db
DENORMAL = 5e-324
GREATEST = 1.7e308


def logged(*values: float) -> str:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=[MetricSample("loss", v, i, 0) for i, v in enumerate(values)])
    return str(run.run_id)


@pytest.mark.parametrize("loss", [1e200, GREATEST, math.inf])
def test_a_loss_that_diverged_makes_the_mean_infinite_and_stops_nothing(loss: float) -> None:
    for each in (loss, loss, 0.3):
        RunFactory(loss=each)
    assert framework_comparison()[0].mean_loss == math.inf
    assert {run.loss for run in top_runs()} == {loss, 0.3}
    assert {stats.least_loss for stats in dataset_stats()} == {loss, 0.3}


def test_a_loss_that_diverged_downwards_does_too() -> None:
    RunFactory(loss=-1e300)
    assert framework_comparison()[0].mean_loss == -math.inf


def test_a_large_loss_below_the_limit_is_averaged_as_it_is() -> None:
    for loss in (1e139, 3e139):
        RunFactory(loss=loss)
    assert framework_comparison()[0].mean_loss == pytest.approx(2e139)


@pytest.mark.parametrize("accuracy", [DENORMAL, 1.0])
@pytest.mark.parametrize("seconds", [DENORMAL, 1e9, math.inf])
def test_no_accuracy_and_no_duration_stops_a_statement(accuracy: float, seconds: float) -> None:
    RunFactory(accuracy=accuracy, duration_seconds=seconds)
    assert top_runs()[0].accuracy_per_hour == per_hour(accuracy, seconds)
    assert framework_comparison()[0].best_accuracy == accuracy
    assert dataset_stats()[0].mean_accuracy == accuracy


@pytest.mark.parametrize(
    ("amount", "seconds", "rate"),
    [
        (0.5, 1_800, 1.0), (0.0, 60, 0.0), (0.5, 0, None), (0.5, None, None), (None, 60, None),
        (0.5, math.nan, None), (0.5, math.inf, 0.0), (1.0, DENORMAL, math.inf),
    ],
)  # fmt: skip
def test_a_rate_per_hour_is_none_where_no_time_is_known(
    amount: float | None, seconds: float | None, rate: float | None
) -> None:
    assert per_hour(amount, seconds) == rate


def test_a_series_that_jumps_over_the_whole_range_has_changes_and_means() -> None:
    points = metric_series(run_id=logged(1e308, -1e308, 1.0, 2.0), key="loss", window=2)
    assert [p.change for p in points] == [None, -math.inf, 1e308, 1.0]
    assert [p.rolling_mean for p in points][2:] == [-math.inf, 1.5]
    assert [p.greatest_so_far for p in points] == [1e308] * 4


def test_an_infinite_value_leaves_the_mean_with_its_window() -> None:
    points = metric_series(run_id=logged(math.inf, 0.0, 1.0, 2.0), key="loss", window=2)
    assert [p.rolling_mean for p in points] == [math.inf, math.inf, 0.5, 1.5]


RUN_ID = "a" * 32


@pytest.fixture(params=[1, 30])
def rows(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    RunFactory(run_id=RUN_ID)
    for _ in range(number - 1):
        RunFactory()
    log_metrics(run_id=RUN_ID, points=[MetricSample("loss", 1.0, step, 0) for step in range(number)])
    version = ModelVersionFactory(model__name="churn", run=None)
    deployment = Deployment.objects.create(model=version.model, version=version, environment="staging")
    for _ in range(number):
        DeploymentEvent.objects.create(deployment=deployment, status="requested")
    return number


@pytest.mark.parametrize(
    "query",
    [
        lambda: top_runs(limit=100),
        lambda: dataset_stats(limit=30),
        best_run_per_dataset,
        lambda: deployment_history(model="churn"),
        lambda: metric_series(run_id=RUN_ID, key="loss"),
    ],
    ids=["top_runs", "dataset_stats", "best_run_per_dataset", "deployment_history", "metric_series"],
)
def test_a_query_is_one_statement_whatever_the_number_of_rows(
    rows: int, query: Callable[[], list[Any]], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        assert len(query()) == rows


@pytest.mark.parametrize("frameworks", [1, 30])
def test_the_comparison_is_one_statement_whatever_the_number_of_frameworks(
    frameworks: int, django_assert_num_queries: Any
) -> None:
    for number in range(frameworks):
        RunFactory(framework=f"framework-{number}")
    with django_assert_num_queries(1):
        assert len(framework_comparison()) == frameworks
