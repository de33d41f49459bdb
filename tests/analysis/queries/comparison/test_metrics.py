import math
from collections.abc import Sequence
from typing import Any

import pytest

from analysis.queries.comparison.columns import ComparedColumn
from analysis.queries.comparison.curve_keys import curve_choices, curve_keys
from analysis.queries.comparison.directions import direction_of
from analysis.queries.comparison.logged import logged_metrics, metrics_beyond, steps_of
from analysis.queries.comparison.metrics import MetricRow, MetricRows, metric_rows
from analysis.queries.comparison.runs import compared_runs
from registry.models import TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from tests.factories import MetricFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def logged(key: str, *runs: Sequence[float]) -> list[TrainingRun]:
    """A run for each history of the metric; an empty one logs nothing."""
    made = [RunFactory.create(status="RUNNING") for _ in runs]
    for run, values in zip(made, runs, strict=True):
        points = [MetricSample(key, value, step, step) for step, value in enumerate(values)]
        if points:
            log_metrics(run_id=run.run_id, points=points)
    return made


def table(runs: list[TrainingRun], *, in_group: bool = False, **options: Any) -> MetricRows:
    found = compared_runs([run.run_id for run in runs], viewer=UserFactory.create())
    columns = [ComparedColumn(run.label, run.look, (run,), is_base=not run.look) for run in found]
    if in_group:
        columns = [ComparedColumn("all", 0, tuple(found), is_base=True)]
    metrics = logged_metrics([run.pk for run in found])
    options = {"show": "best", "only_differences": False} | options
    return metric_rows(metrics, columns, steps_of(metrics, show=options["show"], first=[]), **options)


def row(runs: list[TrainingRun], **options: Any) -> MetricRow:
    (only,) = table(runs, **options).shown
    return only


@pytest.mark.parametrize(
    ("show", "values", "steps", "best"),
    [
        ("best", [0.2, 0.1], [1, 2], [False, True]),
        ("last", [0.9, 0.1], [2, 2], [False, True]),
        ("min", [0.2, 0.1], [1, 2], [False, True]),
        ("max", [0.9, 0.5], [2, 0], [False, True]),
    ],
)
def test_each_figure_comes_with_its_step_and_the_best_is_marked(
    show: str, values: list[float], steps: list[int], best: list[bool]
) -> None:
    found = row(logged("val_loss", [0.4, 0.2, 0.9], [0.5, 0.3, 0.1]), show=show)
    assert found.direction == "lower"
    assert [cell.value for cell in found.cells] == values
    assert [cell.step for cell in found.cells] == steps
    assert [cell.is_best for cell in found.cells] == best


def test_the_last_value_stands_beside_another_figure() -> None:
    found = row(logged("loss", [0.4, 0.2, 0.9], [0.5, 0.3]))
    assert [cell.last for cell in found.cells] == [0.9, None]


def test_differences_are_taken_from_the_base_with_their_direction() -> None:
    lower = row(logged("loss", [0.4], [0.2], [0.5], [0.4]), show="last")
    assert [cell.verdict for cell in lower.cells] == ["", "better", "worse", "same"]
    assert lower.cells[1].delta == pytest.approx(-0.2)
    assert lower.cells[1].share == pytest.approx(-0.5)
    assert lower.cells[0].delta is None
    higher = row(logged("accuracy", [0.4], [0.5]))
    assert [cell.verdict for cell in higher.cells] == ["", "better"]


def test_a_metric_of_no_known_direction_has_no_best_but_extremes() -> None:
    found = row(logged("temperature", [1.0, 3.0], [2.0], [2.5]))
    assert [cell.value for cell in found.cells] == [3.0, 2.0, 2.5]
    assert [cell.extreme for cell in found.cells] == ["highest", "lowest", ""]
    assert [cell.is_best for cell in found.cells] == [False, False, False]
    assert found.cells[1].verdict == "other"


def test_nothing_is_best_where_all_are_the_same() -> None:
    found = row(logged("loss", [0.5], [0.5]))
    assert ([cell.is_best for cell in found.cells], found.differs) == ([False, False], False)


def test_one_best_and_two_last_values_differ() -> None:
    runs = logged("accuracy", [1.0, 0.99], [1.0, 0.5])
    (found,) = table(runs, only_differences=True).shown
    assert [cell.last for cell in found.cells] == [0.99, 0.5]


def test_a_metric_that_a_run_did_not_log_is_missing() -> None:
    found = row(logged("loss", [0.5], []))
    assert (found.cells[1].value, found.cells[1].absent, found.differs) == (None, 1, True)


def test_a_base_without_the_metric_measures_nothing() -> None:
    assert row(logged("loss", [], [0.5])).cells[1].delta is None


def test_what_is_no_number_is_shown_and_compared_with_nothing() -> None:
    found = row(logged("loss", [math.nan], [math.inf], [0.5]))
    assert [str(cell.value) for cell in found.cells] == ["nan", "inf", "0.5"]
    assert [cell.delta for cell in found.cells] == [None, None, None]
    assert not row(logged("loss", [math.nan], [math.nan])).differs


def test_a_difference_from_zero_has_no_share() -> None:
    found = row(logged("loss", [0.0], [0.5]))
    assert (found.cells[1].delta, found.cells[1].share) == (0.5, None)


def test_identical_rows_are_hidden_and_counted() -> None:
    runs = logged("loss", [0.5], [0.5])
    assert table(runs, only_differences=True) == MetricRows([], 1)


def test_a_group_has_its_mean_and_its_extremes() -> None:
    cell = row(logged("loss", [0.2], [0.4], [math.nan], []), in_group=True).cells[0]
    assert cell.value == pytest.approx(0.3)
    assert (cell.low, cell.high, cell.count, cell.absent) == (0.2, 0.4, 3, 1)


def test_a_group_of_nans_is_nan() -> None:
    cell = row(logged("loss", [math.nan], [math.nan]), in_group=True).cells[0]
    assert math.isnan(cell.value or 0)


def test_steps_of_very_long_histories_are_left_out() -> None:
    run = RunFactory.create()
    for key in ("f1", "loss"):
        MetricFactory.create(run=run, key=key, latest_step=59_000, min_value=0.1, max_value=0.9)
    metrics = logged_metrics([run.pk])
    assert steps_of(metrics, show="best", first=["loss"]) == {}  # no points are there, and only one was asked


@pytest.mark.parametrize(
    ("key", "direction"),
    [
        ("accuracy", "higher"),
        ("val_accuracy", "higher"),
        ("loss", "lower"),
        ("train_loss", "lower"),
        ("policy/entropy_loss", "lower"),
        ("matthews_correlation", "higher"),
        ("max_error", "lower"),
        ("learning_rate", ""),
    ],
)
def test_a_metric_has_a_direction_by_its_leaderboard_or_its_last_word(key: str, direction: str) -> None:
    assert direction_of(key) == direction


def test_two_well_known_measures_are_drawn_at_first_validation_before_training() -> None:
    run = RunFactory.create(status="RUNNING")
    for key in ("train_loss", "val_loss", "train_accuracy", "lr", "val_f1"):
        log_metrics(run_id=run.run_id, points=[MetricSample(key, step, step, step) for step in range(2)])
    MetricFactory.create(run=run, key="auc", latest_value=0.5)
    metrics = logged_metrics([run.pk])
    assert curve_keys(metrics, []) == ["val_loss", "train_accuracy"]
    assert curve_keys(metrics, ["lr", "unknown"]) == ["lr"]
    assert curve_keys({"auc": metrics["auc"]}, []) == []


def test_of_too_many_metrics_the_first_ones_and_named_ones_are_read_and_the_rest_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("analysis.queries.comparison.first_keys.MOST_VALUES", 4)
    runs = [RunFactory.create(), RunFactory.create()]
    for key in ("a", "b", "c", "d"):
        MetricFactory.create(run=runs[0], key=key)
    MetricFactory.create(run=runs[1], key="d")
    pks = [run.pk for run in runs]
    metrics = logged_metrics(pks, named=["d"])
    assert {key: len(of_runs) for key, of_runs in metrics.items()} == {"a": 1, "b": 1, "d": 2}
    assert metrics_beyond(metrics, pks) == 1


def test_few_of_many_curves_are_offered_and_those_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.queries.comparison.curve_keys.MOST_CHOICES", 1)
    run = RunFactory.create()
    for key in ("a", "b", "c"):
        MetricFactory.create(run=run, key=key, latest_step=5)
    assert curve_choices(logged_metrics([run.pk]), ["c"]) == (["a", "c"], 3)
