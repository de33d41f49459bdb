import pytest

from analysis.queries.run_stamps import run_stamps
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.run_log import log_epoch
from tests.factories import RunFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


def test_every_change_of_a_run_changes_its_stamp_and_no_others() -> None:
    run, other = RunFactory.create_batch(2, status="RUNNING", ended_at=None)

    def stamp() -> str:
        return run_stamps([run.run_id])[run.run_id]

    untouched, seen = run_stamps([other.run_id]), [stamp()]
    assert stamp() == seen[0]
    for change in (
        lambda: log_metrics(run_id=run.run_id, points=[MetricSample("a", 0.5, 9, 9)]),
        lambda: log_metrics(run_id=run.run_id, points=[MetricSample("a", 0.5, 2, 2)]),  # late
        lambda: log_metrics(run_id=run.run_id, points=[MetricSample("b", 0.5, 1, 1)]),
        lambda: log_epoch(run_id=run.run_id, epoch=3, metrics={"a": 0.1}),
    ):
        change()
        seen.append(stamp())
    assert len(set(seen)) == 5
    assert run_stamps([other.run_id]) == untouched


def test_runs_that_are_not_there_have_no_stamp() -> None:
    assert run_stamps(["0" * 32]) == {}
    assert run_stamps([]) == {}
