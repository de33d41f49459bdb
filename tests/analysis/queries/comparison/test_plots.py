import math
from typing import Any

import pytest
from django.urls import reverse

from analysis.queries.comparison.facts import facts_of
from analysis.queries.comparison.logged import logged_metrics
from analysis.queries.comparison.plots import Plots, comparison_plots
from analysis.queries.comparison.runs import compared_runs
from registry.models import TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import start_run
from tests.factories import ExperimentFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo")]


def run_with(config: dict[str, Any], **metrics: float) -> TrainingRun:
    run = start_run(experiment=ExperimentFactory.create().name, name="net", config=config)
    points = [MetricSample(key, value, 0, 0) for key, value in metrics.items()]
    log_metrics(run_id=run.run_id, points=points)
    return run


def plots(*runs: TrainingRun, x: str = "", y: str = "", groups: dict[str, str] | None = None) -> Plots:
    found = compared_runs([run.run_id for run in runs], viewer=UserFactory.create(is_superuser=True))
    pks = [run.pk for run in found]
    return comparison_plots(
        runs=found,
        facts=facts_of(pks).of_runs,
        logged=logged_metrics(pks),
        show="best",
        groups=groups,
        scatter_x=x,
        scatter_y=y,
    )


def test_params_that_differ_stand_before_the_figures() -> None:
    made = plots(
        run_with({"lr": 0.1, "depth": 3, "name": "a"}, val_loss=0.5),
        run_with({"lr": 0.2, "depth": 3, "name": "b"}, val_loss=0.4),
    )
    assert "2 lines across lr, name, val_loss." in made.parallel
    assert made.left_out == 0


def test_a_param_that_one_run_lacks_does_not_differ_by_that_alone() -> None:
    made = plots(run_with({"lr": 0.1, "depth": 3}, loss=0.5), run_with({"lr": 0.2}, loss=0.4))
    assert made.scatter
    assert made.scatter.choices == ("params.lr", "metrics.loss")


def test_long_texts_have_no_axis_and_are_counted_but_may_be_chosen() -> None:
    runs = [run_with({"lr": n, "layers": [{"units": 10**n, "kind": "dense-layer"}]}, loss=n) for n in (1, 2)]
    made = plots(*runs, x="params.layers")
    assert "across lr, loss." in made.parallel
    assert made.left_out == 1
    assert made.scatter
    assert (made.scatter.x, made.scatter.y) == ("params.layers", "metrics.loss")


def test_few_of_many_names_are_offered_and_the_axes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.queries.comparison.plots.MOST_CHOICES", 1)
    runs = [run_with({"a": n, "b": n, "c": n}, f1=n, loss=n) for n in (1, 2)]
    made = plots(*runs, x="params.b")
    assert made.scatter
    assert (made.scatter.choices, made.scatter.more) == (("params.a", "params.b", "metrics.f1"), 2)


def test_an_unknown_axis_gives_the_usual_one() -> None:
    made = plots(run_with({"lr": 1}, loss=1), run_with({"lr": 2}, loss=2), x="params.nothing", y="'")
    assert made.scatter
    assert (made.scatter.x, made.scatter.y) == ("params.lr", "metrics.loss")


def test_figures_that_are_not_finite_are_missing() -> None:
    made = plots(run_with({"lr": 1}, f1=math.nan, loss=1), run_with({"lr": 2}, f1=math.nan))
    assert made.scatter
    assert made.scatter.choices == ("params.lr", "metrics.loss")
    assert "for lack of one of the two" in made.scatter.figure


def test_runs_without_anything_have_nothing_to_set_against_anything() -> None:
    made = plots(run_with({}), run_with({}))
    assert made.scatter is None
    assert "differ in too little" in made.parallel


def test_points_lead_to_their_runs_and_light_up_with_their_group() -> None:
    one, other = run_with({"lr": 1}, loss=1), run_with({"lr": 2}, loss=2)
    made = plots(one, other, groups={one.run_id: "adam"})
    assert made.scatter
    address = reverse("analysis:run-detail", args=[one.run_id])
    assert f'href="{address}" data-mark="adam"' in made.scatter.figure
    assert f'data-mark="{other.run_id}"' in made.scatter.figure


def test_a_param_that_few_runs_have_has_no_axis() -> None:
    runs = [run_with({"lr": n} | ({"beta": n} if n < 3 else {}), loss=n) for n in range(1, 6)]
    made = plots(*runs)
    assert "5 lines across lr, loss." in made.parallel
    assert made.left_out == 1
