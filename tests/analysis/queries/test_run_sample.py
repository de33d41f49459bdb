import pytest

from analysis.queries import run_sample
from analysis.queries.run_progress import progress_series
from analysis.queries.run_sample import grouped, latest_runs, progress, trend
from registry.enums import RunStatus
from registry.models import TrainingRun
from tests.factories import RunFactory

pytestmark = pytest.mark.django_db


def sampled() -> list[run_sample.SampledRun]:
    return latest_runs(TrainingRun.objects.all())


def test_only_finished_runs_have_a_score() -> None:
    RunFactory.create(accuracy=0.5)
    RunFactory.create(accuracy=0.9, status=RunStatus.FAILED)
    assert [run.score for run in sampled()] == [None, 0.5]


def test_the_trend_is_the_slope_from_run_to_run() -> None:
    assert trend(sampled()) is None
    for accuracy in (0.5, 0.6, 0.7):
        RunFactory.create(accuracy=accuracy)
    assert trend(sampled()) == pytest.approx(0.1)


def test_progress_is_drawn_from_two_scores_on() -> None:
    RunFactory.create(accuracy=0.5)
    assert progress_series(progress(sampled())) == []
    RunFactory.create(accuracy=0.4)
    each, best = progress_series(progress(sampled()))
    assert (each.values, best.values) == ([0.5, 0.4], [0.5, 0.5])
    assert each.steps == [0.0, 60.0]


def test_groups_are_ordered_by_their_best_and_tell_how_it_went() -> None:
    RunFactory.create(framework="a", accuracy=None, duration_seconds=None)
    RunFactory.create(framework="b", accuracy=0.7, duration_seconds=10)
    last = RunFactory.create(framework="b", accuracy=0.6, duration_seconds=30, status=RunStatus.FAILED)
    b, a = grouped(sampled(), lambda run: run.framework)
    assert (b.name, b.runs, b.failed, b.mean_accuracy, b.median_seconds) == ("b", 2, 1, 0.7, 20)
    assert b.latest.run_id == last.run_id
    assert b.best is not None
    assert b.best.score == 0.7
    assert (a.best, a.mean_accuracy, a.median_seconds) == (None, None, None)


def test_a_sample_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_sample, "SAMPLE", 1)
    RunFactory.create_batch(2)
    assert len(sampled()) == 1
