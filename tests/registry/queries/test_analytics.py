"""The analytical queries against answers worked out by hand."""

import datetime as dt
import math
from typing import Any

import pytest

from registry.enums import DeploymentStatus, RunStatus
from registry.models import Deployment, DeploymentEvent
from registry.queries.best_run_per_dataset import best_run_per_dataset
from registry.queries.dataset_stats import DatasetStats, dataset_stats
from registry.queries.deployment_history import deployment_history
from registry.queries.framework_comparison import FrameworkStats, framework_comparison
from registry.queries.metric_series import metric_series
from registry.queries.top_runs import top_runs
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from tests.factories import (
    DatasetFactory,
    ExperimentFactory,
    MetricFactory,
    ModelVersionFactory,
    RunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def lasting(seconds: float) -> dict[str, Any]:
    return {
        "ended_at": START + dt.timedelta(seconds=seconds),
        "duration_seconds": seconds,
        "started_at": START,
    }


def test_top_runs_are_by_accuracy_with_accuracy_per_hour() -> None:
    RunFactory(name="slow", accuracy=0.9, **lasting(7_200))
    RunFactory(name="best", accuracy=0.95, **lasting(1_800))
    RunFactory(name="quick", accuracy=0.9, **lasting(900))
    RunFactory(name="instant", accuracy=0.5, **lasting(0))
    RunFactory(name="unscored", accuracy=None)
    RunFactory(name="open", accuracy=1.0, status=RunStatus.RUNNING)
    RunFactory(name="binned", accuracy=1.0, lifecycle="deleted", deleted_at=START)
    rows = [(run.name, run.accuracy_per_hour) for run in top_runs()]
    assert rows == [("best", 1.9), ("quick", 3.6), ("slow", 0.45), ("instant", None)]
    assert [run.name for run in top_runs(limit=1)] == ["best"]


def test_top_runs_can_be_narrowed() -> None:
    experiment, dataset = ExperimentFactory(name="e"), DatasetFactory(name="d")
    wanted = RunFactory(experiment=experiment, dataset=dataset, framework="keras")
    RunFactory()
    for condition in ({"experiment": "e"}, {"dataset": "d"}, {"framework": "keras"}):
        assert [run.run_id for run in top_runs(**condition)] == [wanted.run_id]
    assert top_runs(experiment="e", framework="other") == []


def test_frameworks_are_compared() -> None:
    RunFactory(framework="a", accuracy=0.8, loss=0.4, **lasting(3_600))
    RunFactory(framework="a", accuracy=0.6, loss=math.nan, **lasting(1_800))
    RunFactory(framework="a", accuracy=None, loss=0.2, status=RunStatus.FAILED, **lasting(1_800))
    RunFactory(framework="b", accuracy=0.9, loss=None, status=RunStatus.RUNNING)
    RunFactory(framework="", accuracy=1.0)
    RunFactory(framework="a", accuracy=1.0, lifecycle="deleted", deleted_at=START)
    b, a = framework_comparison()
    assert b == FrameworkStats("b", 1, 0, 0, 0.9, 0.9, 0.9, None, None, None, None)
    assert (a.framework, a.runs, a.finished, a.failed) == ("a", 3, 2, 1)
    assert a.mean_accuracy == pytest.approx(0.7)
    assert (a.median_accuracy, a.best_accuracy) == (pytest.approx(0.7), 0.8)
    assert a.mean_loss == pytest.approx(0.3)
    assert (a.mean_duration_seconds, a.total_duration_seconds) == (2_400, 7_200)
    assert a.accuracy_per_hour == pytest.approx(1.4 / 1.5)
    assert [each.framework for each in framework_comparison(limit=1)] == ["b"]


def test_frameworks_are_compared_within_an_experiment_or_a_dataset() -> None:
    run = RunFactory(framework="a")
    RunFactory(framework="b", dataset=None)
    for condition in ({"experiment": run.experiment.name}, {"dataset": run.dataset.name}):
        assert [each.framework for each in framework_comparison(**condition)] == ["a"]


def test_datasets_have_their_statistics_and_trend() -> None:
    dataset, experiment = DatasetFactory(name="d", row_count=10, feature_count=2), ExperimentFactory()
    for place, accuracy in enumerate([0.5, 0.6, 0.7]):
        started = START + dt.timedelta(days=place)
        RunFactory(dataset=dataset, experiment=experiment, accuracy=accuracy, loss=0.3, started_at=started)
    RunFactory(dataset=dataset, accuracy=1.0, lifecycle="deleted", deleted_at=START)
    DatasetFactory(name="unused", row_count=None, feature_count=None)
    used, unused = dataset_stats()
    assert (used.runs, used.experiments, used.best_accuracy) == (3, 1, 0.7)
    assert used.mean_accuracy == pytest.approx(0.6)
    assert used.accuracy_trend == pytest.approx(0.1)
    assert (used.least_loss, used.last_run_at) == (0.3, START + dt.timedelta(days=2))
    assert unused == DatasetStats("unused", None, None, 0, 0, None, None, None, None, None)
    assert [each.dataset for each in dataset_stats(dataset="d")] == ["d"]
    assert [each.dataset for each in dataset_stats(limit=1)] == ["d"]


def test_a_series_has_means_extremes_and_changes() -> None:
    run = RunFactory()
    values = [4.0, 2.0, math.nan, 3.0]
    log_metrics(run_id=run.run_id, points=[MetricSample("loss", v, i, 0) for i, v in enumerate(values)])
    points = metric_series(run_id=run.run_id, key="loss", window=2)
    assert [p.rolling_mean for p in points] == [4.0, 3.0, 2.0, 3.0]
    assert [p.least_so_far for p in points] == [4.0, 2.0, 2.0, 2.0]
    assert [p.greatest_so_far for p in points] == [4.0, 4.0, 4.0, 4.0]
    assert repr([p.change for p in points]) == "[None, -2.0, nan, nan]"
    assert metric_series(run_id="no id", key="loss") == []


def test_a_series_of_a_run_in_the_bin_is_empty() -> None:
    run = MetricFactory(key="loss").run
    log_metrics(run_id=run.run_id, points=[MetricSample("loss", 1.0, 0, 0)])
    type(run).objects.update(lifecycle="deleted", deleted_at=START)
    assert metric_series(run_id=run.run_id, key="loss") == []


def test_the_best_run_of_each_dataset_is_found() -> None:
    first, second = DatasetFactory(name="a"), DatasetFactory(name="b")
    early = RunFactory(dataset=first, accuracy=0.9)
    RunFactory(dataset=first, accuracy=0.9)
    RunFactory(dataset=first, accuracy=0.95, status=RunStatus.FAILED)
    best = RunFactory(dataset=second, accuracy=0.7)
    RunFactory(dataset=None, accuracy=1.0)
    RunFactory(dataset=second, accuracy=1.0, lifecycle="deleted", deleted_at=START)
    assert [(each.dataset, each.run_id) for each in best_run_per_dataset()] == [
        ("a", early.run_id), ("b", best.run_id),
    ]  # fmt: skip


def test_the_history_of_deployments_is_newest_first() -> None:
    version, user = ModelVersionFactory(number=3, model__name="churn"), UserFactory(username="ada")
    deployment = Deployment.objects.create(
        model=version.model, version=version, environment="production", endpoint="/predict"
    )
    for status in (DeploymentStatus.REQUESTED, DeploymentStatus.LIVE):
        DeploymentEvent.objects.create(deployment=deployment, status=status, by=user, note="n")
    steps = deployment_history(model="churn", environment="production")
    assert [(step.status, step.version, step.by) for step in steps] == [
        ("live", 3, "ada"),
        ("requested", 3, "ada"),
    ]
    assert deployment_history(model="churn", environment="staging") == []
