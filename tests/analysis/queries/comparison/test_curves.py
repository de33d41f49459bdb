import math
import re

import numpy as np
import pytest
from django.contrib.auth.models import User
from pytest_django.fixtures import DjangoAssertNumQueries

from analysis.charts.chart_data import points_in
from analysis.queries.comparison.curve_controls import curve_controls
from analysis.queries.comparison.curves import CurveLook, comparison_charts
from analysis.queries.comparison.runs import ComparedRun, compared_runs
from analysis.queries.comparison.state import ComparisonState
from registry.models import TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import end_run
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db
STEPS = CurveLook()


def run_with(values: list[float], *, key: str = "loss", start: int = 1_700_000_000_000) -> TrainingRun:
    run: TrainingRun = RunFactory.create(status="RUNNING", ended_at=None)
    points = [MetricSample(key, value, step, start + step * 500) for step, value in enumerate(values)]
    log_metrics(run_id=run.run_id, points=points)
    return run


def compared(*runs: TrainingRun) -> list[ComparedRun]:
    viewer: User = UserFactory.create(is_superuser=True)
    return compared_runs([run.run_id for run in runs], viewer=viewer)


def test_each_metric_is_a_chart_with_a_line_a_run() -> None:
    runs = compared(run_with([3, 2, 1]), run_with([4, 4]), run_with([1], key="accuracy"))
    loss, accuracy = comparison_charts(runs=runs, keys=["loss", "accuracy"], look=STEPS, groups=None)
    lines = points_in(loss.figure)["lines"]
    assert [(line["mark"], line["look"], line["x"], line["y"]) for line in lines] == [
        (runs[0].run_id, 0, [0, 1, 2], [3, 2, 1]),
        (runs[1].run_id, 1, [0, 1], [4, 4]),
    ]
    assert (loss.key, loss.absent) == ("loss", (runs[2].label,))
    assert accuracy.absent == (runs[0].label, runs[1].label)


def test_a_metric_that_no_run_has_is_said() -> None:
    (chart,) = comparison_charts(runs=compared(run_with([1])), keys=["f1"], look=STEPS, groups=None)
    assert "No finite value to draw." in chart.figure
    assert comparison_charts(runs=[], keys=["f1"], look=STEPS, groups=None) == []


def test_a_smoothed_line_has_its_raw_one_faint_behind() -> None:
    look = CurveLook(smoothing=0.9)
    (chart,) = comparison_charts(runs=compared(run_with([1, 0, 1, 0])), keys=["loss"], look=look, groups=None)
    raw, smooth = points_in(chart.figure)["lines"]
    assert (raw["faint"], raw["y"], smooth["faint"]) == (True, [1, 0, 1, 0], False)
    assert np.ptp(smooth["y"]) < 1


@pytest.mark.parametrize(
    ("x", "kind", "expected"),
    [("relative", "time", [0, 0.5, 1]), ("wall", "clock", [1.7e9, 1.7e9 + 0.5, 1.7e9 + 1])],
)
def test_time_counts_from_each_runs_first_point_or_by_the_clock(
    x: str, kind: str, expected: list[float]
) -> None:
    look = CurveLook(x=x)
    (chart,) = comparison_charts(runs=compared(run_with([3, 2, 1])), keys=["loss"], look=look, groups=None)
    points = points_in(chart.figure)
    assert (points["x"]["kind"], points["lines"][0]["x"]) == (kind, expected)


@pytest.mark.parametrize("groups", [None, {}])
def test_points_whose_time_no_calendar_has_are_left_out_and_counted(groups: dict[str, str] | None) -> None:
    """A client that takes ``time.time_ns()`` for milliseconds."""
    run, other = run_with([3, 2, 1]), run_with([4, 4], start=1_790_000_000_000_000_000)
    points = [MetricSample("loss", 0.5, 3, 1_790_000_000_000_000_000)]
    log_metrics(run_id=run.run_id, points=points)
    runs, look = compared(run, other), CurveLook(x="wall")
    (chart,) = comparison_charts(runs=runs, keys=["loss"], look=look, groups=groups)
    (line,) = points_in(chart.figure)["lines"]
    assert line["y"] == [3, 2, 1]
    (note,) = chart.notes
    assert note.startswith(f"3 points of {runs[0].label}, {runs[1].label} left out")


@pytest.mark.parametrize("x", ["wall", "relative"])
def test_a_run_of_impossible_times_alone_is_no_error(x: str) -> None:
    runs = compared(run_with([4, 4], start=2**63 - 2_000))
    (chart,) = comparison_charts(runs=runs, keys=["loss"], look=CurveLook(x=x), groups=None)
    assert ("No finite value to draw." in chart.figure) is (x == "wall")


@pytest.mark.parametrize("x", ["step", "relative"])
def test_histories_longer_than_their_share_are_drawn_in_parts_and_it_is_said(
    x: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.queries.comparison.curves.MOST_POINTS", 2_200)
    runs = compared(run_with([*range(1_200)]), run_with([2, 1]))
    (chart,) = comparison_charts(runs=runs, keys=["loss"], look=CurveLook(x=x), groups=None)
    long, short = points_in(chart.figure)["lines"]
    assert (len(long["x"]), long["y"][0], long["y"][-1], short["y"]) == (501, 0, 1_199, [2, 1])
    assert chart.notes[0].startswith(f"More than 1,100 points in {runs[0].label}: drawn")


def test_nan_breaks_the_line_and_is_named_and_so_is_what_a_log_axis_cannot_show() -> None:
    run = run_with([3, math.nan, math.inf, 0, 1])
    look = CurveLook(y_log=True)
    (chart,) = comparison_charts(runs=compared(run), keys=["loss"], look=look, groups=None)
    assert points_in(chart.figure)["lines"][0]["y"] == [3, None, None, None, 1]
    assert "2 NaN or infinite; the line breaks there." in chart.figure
    assert "1 at or below 0, which a log axis cannot show." in chart.figure


def test_a_group_is_its_mean_in_a_band_from_lowest_to_highest() -> None:
    runs = compared(run_with([1, 2]), run_with([3, 6]), run_with([9, 9]), run_with([0.5], key="f1"))
    groups = {runs[0].run_id: "adam", runs[1].run_id: "adam", runs[2].run_id: "sgd"}
    (chart,) = comparison_charts(runs=runs, keys=["loss"], look=STEPS, groups=groups)
    points = points_in(chart.figure)
    assert [(line["mark"], line["label"], line["y"]) for line in points["lines"]] == [
        ("adam", "adam (2)", [2, 4]),
        ("sgd", "sgd (1)", [9, 9]),
    ]
    assert [(area["mark"], area["low"], area["high"]) for area in points["areas"]] == [
        ("adam", [1, 2], [3, 6])
    ]


def test_groups_are_smoothed_and_leave_out_what_a_log_axis_cannot_show() -> None:
    runs = compared(run_with([1, 0, 4]), run_with([1, 1, 1]))
    look = CurveLook(y_log=True, smoothing=0.5)
    (chart,) = comparison_charts(runs=runs, keys=["loss"], look=look, groups={})
    assert points_in(chart.figure)["lines"][0]["label"] == "other (2)"
    assert min(points_in(chart.figure)["areas"][0]["low"]) >= 1


def test_a_group_tells_what_its_mean_leaves_out() -> None:
    runs = compared(run_with([1, math.nan, 0]), run_with([-math.inf, -1, math.inf]), run_with([math.nan]))
    groups = {runs[0].run_id: "adam", runs[1].run_id: "adam", runs[2].run_id: "sgd"}

    def notes(look: CurveLook) -> list[str]:
        (chart,) = comparison_charts(runs=runs, keys=["loss"], look=look, groups=groups)
        return re.findall('<p class="chart-note">(.*?) left', chart.figure.replace(", which", "; left"))

    assert notes(STEPS) == ["adam (2): 3 NaN or infinite;", "sgd (1): 1 NaN or infinite;"]
    assert notes(CurveLook(y_log=True)) == [
        "adam (2): 2 NaN or infinite;",
        "adam (2): 3 at or below 0;",
        "sgd (1): 1 NaN or infinite;",
    ]


def test_charts_of_ended_runs_are_drawn_once(
    mongo: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one, other = run_with([3, 2]), run_with([5, 4])
    for run in (one, other):
        end_run(run_id=run.run_id)
    runs = compared(one, other)
    with django_assert_num_queries(1):
        first = comparison_charts(runs=runs, keys=["loss"], look=STEPS, groups=None)
    with django_assert_num_queries(0):
        assert comparison_charts(runs=runs, keys=["loss"], look=STEPS, groups=None) == first
    with django_assert_num_queries(1):
        comparison_charts(runs=runs, keys=["loss"], look=CurveLook(y_log=True), groups=None)


def test_a_control_leads_to_the_same_page_drawn_otherwise() -> None:
    across, up, smoothing = curve_controls(ComparisonState(run_ids=("a" * 32,), x="wall", smooth=0.5))
    assert [(choice.label, choice.is_current) for choice in across.choices] == [
        ("Step", False),
        ("Relative time", False),
        ("Clock", True),
    ]
    assert up.choices[1].query == f"run={'a' * 32}&x=wall&y=log&smooth=0.5"
    assert [choice.label for choice in smoothing.choices] == ["None", "0.5", "Light", "Medium", "Heavy"]
