import math

import numpy as np
import pytest

from analysis.queries.curve_groups import curve_groups
from analysis.queries.metric_curves import MetricCurve, metric_curves
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from tests.factories import RunFactory


def curve(key: str, values: list[float]) -> MetricCurve:
    steps = np.arange(len(values), dtype=np.int64)
    return MetricCurve(1, key, steps, steps * 500, np.array(values))


@pytest.mark.django_db
def test_curves_come_whole_and_in_order_of_step() -> None:
    run, other = RunFactory(), RunFactory()
    values = [0.5, math.nan, -math.inf, 1e-300]
    points = [MetricSample("loss", value, step, 1_000 + step) for step, value in enumerate(values)]
    log_metrics(run_id=run.run_id, points=[*points[::-1], MetricSample("acc", 1.0, 2**40, 0)])
    log_metrics(run_id=other.run_id, points=[MetricSample("loss", 7.0, 0, 0)])
    acc, loss, others = metric_curves([run.pk, other.pk])
    assert (acc.key, acc.steps.tolist(), acc.values.tolist()) == ("acc", [2**40], [1.0])
    assert (loss.run, loss.steps.tolist(), loss.timestamps_ms.tolist()) == (
        run.pk,
        [0, 1, 2, 3],
        [1_000, 1_001, 1_002, 1_003],
    )
    assert np.array_equal(loss.values, values, equal_nan=True)
    assert (others.run, others.values.tolist()) == (other.pk, [7.0])


@pytest.mark.django_db
def test_points_of_one_step_come_in_order_of_time_and_value() -> None:
    run = RunFactory()
    logged = [(1, 20, 0.5), (0, 30, 9.0), (1, 10, 0.7), (1, 10, 0.6), (1, 10, math.nan)]
    log_metrics(run_id=run.run_id, points=[MetricSample("m", value, step, at) for step, at, value in logged])
    (drawn,) = metric_curves([run.pk])
    assert drawn.timestamps_ms.tolist() == [30, 10, 10, 10, 20]
    assert np.array_equal(drawn.values, [9.0, 0.6, 0.7, math.nan, 0.5], equal_nan=True)


@pytest.mark.django_db
def test_without_times_points_are_the_same_and_those_of_one_step_are_asked_for_again() -> None:
    run = RunFactory()
    points = [MetricSample("even", step / 4, step, 1_000) for step in (2, 0, 1)]
    log_metrics(run_id=run.run_id, points=points)
    (even,) = metric_curves([run.pk], with_times=False)
    assert (even.steps.tolist(), even.values.tolist()) == ([0, 1, 2], [0, 0.25, 0.5])
    assert even.timestamps_ms.size == 0
    log_metrics(run_id=run.run_id, points=[MetricSample("odd", value, 0, 9 - value) for value in (3, 5)])
    even, odd = metric_curves([run.pk], with_times=False)
    assert (odd.values.tolist(), odd.timestamps_ms.tolist()) == ([5, 3], [4, 6])


@pytest.mark.django_db
def test_steps_that_no_float_tells_apart_are_told() -> None:
    run = RunFactory()
    steps = [-(2**53) - 1, 2**53 + 1, 2**62 + 1]
    log_metrics(run_id=run.run_id, points=[MetricSample("far", 1.0, step, 0) for step in steps])
    (far,) = metric_curves([run.pk], with_times=False)
    assert far.steps.tolist() == steps


@pytest.mark.django_db
def test_only_the_metrics_asked_for_come() -> None:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=[MetricSample(key, 1.0, 0, 0) for key in "abc"])
    assert [each.key for each in metric_curves([run.pk], keys=["a", "c"])] == ["a", "c"]
    assert metric_curves([]) == []


def test_train_and_validation_share_a_chart_and_known_measures_come_first() -> None:
    keys = ["grad_norm", "val_accuracy", "train_loss", "val_loss", "loss", "accuracy_test", "test"]
    groups = curve_groups([curve(key, [1, 2]) for key in keys])
    assert [(group.title, [line.label for line in group.series]) for group in groups] == [
        ("loss", ["train_loss", "val_loss", "loss"]),
        ("accuracy", ["val_accuracy", "accuracy_test"]),
        ("grad_norm", ["grad_norm"]),
        ("test", ["test"]),
    ]


def test_a_single_value_is_no_curve() -> None:
    assert curve_groups([curve("loss", [1])]) == []


def test_smoothing_keeps_the_raw_line_faint_behind() -> None:
    (group,) = curve_groups([curve("loss", [1, 0, 1, 0])], smoothing=0.9)
    assert [(line.is_faint, line.look) for line in group.series] == [(True, 0), (False, 0)]
    assert np.ptp(np.asarray(group.series[1].values)) < 1


def test_time_counts_seconds_from_the_first_point() -> None:
    (group,) = curve_groups([curve("loss", [1, 2, 3])], by_time=True)
    assert np.asarray(group.series[0].steps).tolist() == [0, 0.5, 1]
