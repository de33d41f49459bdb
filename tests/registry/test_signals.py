from collections.abc import Iterator

import pytest
from django.db import transaction

from registry import signals
from registry.models import TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.run_creation import create_run
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from tests.factories import ExperimentFactory, RunFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
POINT = [MetricSample("loss", 0.5, 1, 1)]


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str]]]:
    """What was told, in order: the signal's name and the run."""
    told: list[tuple[str, str]] = []
    receivers = {
        name: lambda run_id, name=name, **_: told.append((name, run_id))
        for name in ("run_logged", "run_changed")
    }
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, weak=False)
    yield told
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver)


@pytest.fixture
def run() -> TrainingRun:
    return RunFactory.create(status="RUNNING", ended_at=None)


def test_logging_tells_of_the_run_once_a_call(run: TrainingRun, heard: list[tuple[str, str]]) -> None:
    log_metrics(run_id=run.run_id, points=POINT * 3)
    assert heard == [("run_logged", run.run_id)]
    log_epoch(run_id=run.run_id, epoch=2, metrics={"loss": 0.4})
    assert heard[1:] == [("run_logged", run.run_id), ("run_changed", run.run_id)]


def test_starting_and_ending_a_run_is_told(heard: list[tuple[str, str]]) -> None:
    experiment = ExperimentFactory.create()
    run = start_run(experiment=experiment.name)
    end_run(run_id=run.run_id)
    other = create_run(experiment_id=experiment.experiment_id, user=UserFactory.create(is_superuser=True))
    assert heard == [
        ("run_logged", run.run_id),
        ("run_changed", run.run_id),
        ("run_logged", other.run_id),
    ]


def test_nothing_is_told_before_the_commit_or_of_what_was_rolled_back(
    run: TrainingRun, heard: list[tuple[str, str]]
) -> None:
    with transaction.atomic():
        log_metrics(run_id=run.run_id, points=POINT)
        assert heard == []
    assert heard == [("run_logged", run.run_id)]
    with transaction.atomic():
        log_metrics(run_id=run.run_id, points=POINT)
        transaction.set_rollback(True)
    assert len(heard) == 1


def test_a_receiver_that_fails_fails_no_run(run: TrainingRun, caplog: pytest.LogCaptureFixture) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    signals.run_logged.connect(fail)
    try:
        log_metrics(run_id=run.run_id, points=POINT)
        with transaction.atomic():
            log_metrics(run_id=run.run_id, points=[MetricSample("loss", 0.4, 2, 2)])
    finally:
        signals.run_logged.disconnect(fail)
    assert run.metrics.get().latest_value == 0.4
    assert [record.name for record in caplog.records] == ["django.dispatch"] * 2
