"""relay_outbox, saga and purge, as a person calls them."""

import io
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from registry.enums import OutboxStatus, SagaState
from registry.models import Dataset, Experiment, OutboxEntry, Saga, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.purges import PURGE_RUN
from registry.services.runs import start_run
from registry.sync import saga_engine
from tests.factories import DatasetFactory, ModelVersionFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.fixture
def run() -> TrainingRun:
    return start_run(experiment=create_experiment(name="e").name)


def test_the_relay_delivers_everything_once_and_says_so(
    mongodb_away: Callable[[], None], run: TrainingRun
) -> None:
    with pytest.raises(CommandError, match="manage.py doctor"):
        said("relay_outbox", "--once")
    mongodb_away()
    assert said("relay_outbox", "--once") == "2 effects delivered, 0 waiting, 0 parked.\n"


def test_parked_effects_are_tried_again_when_asked_to(
    mongodb_away: Callable[[], None], run: TrainingRun
) -> None:
    OutboxEntry.objects.update(status=OutboxStatus.PARKED)
    mongodb_away()
    with pytest.raises(CommandError):
        said("relay_outbox", "--once")
    words = said("relay_outbox", "--retry-parked")
    assert words == "2 parked effects are due again.\n2 effects delivered, 0 waiting, 0 parked.\n"


def test_sagas_are_listed_shown_taken_on_and_aborted(run: TrainingRun) -> None:
    assert said("saga", "list") == "0 sagas.\n"
    with transaction.atomic():
        saga_id = saga_engine.begin(PURGE_RUN, aggregate_id=run.run_id).saga_id
    assert f"{saga_id}  run.purge" in said("saga", "list", "--state", "running")
    shown = said("saga", "show", saga_id)
    assert "1. close      pending" in shown
    assert "compensated" in said("saga", "abort", saga_id)
    with pytest.raises(CommandError, match="has ended"):
        said("saga", "abort", saga_id)
    with pytest.raises(CommandError, match="no saga"):
        said("saga", "show", "f" * 32)
    with transaction.atomic():
        again = saga_engine.begin(PURGE_RUN, aggregate_id=run.run_id).saga_id
    assert "done" in said("saga", "resume", again)
    assert set(Saga.objects.values_list("state", flat=True)) == {SagaState.COMPENSATED, SagaState.DONE}


def test_a_stuck_saga_says_why(run: TrainingRun) -> None:
    with transaction.atomic():
        saga = saga_engine.begin(PURGE_RUN, aggregate_id=run.run_id)
    Saga.objects.update(state=SagaState.STUCK, last_error="no room")
    assert "last error: no room" in said("saga", "show", saga.saga_id)


def test_runs_experiments_and_datasets_are_purged_by_command(run: TrainingRun) -> None:
    with pytest.raises(CommandError, match="--yes"):
        said("purge", "run", run.run_id)
    words = said("purge", "run", run.run_id, "--yes")
    assert words == f"The run {run.run_id} is gone from every store.\n"
    with pytest.raises(CommandError, match="no run"):
        said("purge", "run", run.run_id, "--yes")
    DatasetFactory(name="d")
    start_run(experiment="e", dataset="d")
    with pytest.raises(CommandError, match="1 runs were trained"):
        said("purge", "dataset", "d", "--yes")
    said("purge", "dataset", "d", "--with-runs", "--yes")
    said("purge", "experiment", Experiment.objects.get().experiment_id, "--yes")
    assert (Experiment.objects.count(), Dataset.objects.count(), TrainingRun.objects.count()) == (0, 0, 0)


def test_a_purge_that_has_to_wait_says_where_to_look(
    run: TrainingRun, mongodb_away: Callable[[], None]
) -> None:
    with pytest.raises(CommandError, match="goes on by itself.*manage.py saga show"):
        said("purge", "run", run.run_id, "--yes")


def test_what_a_model_came_from_is_not_purged_by_command(run: TrainingRun) -> None:
    ModelVersionFactory(run=run)
    with pytest.raises(CommandError, match="Model versions were made from it"):
        said("purge", "run", run.run_id, "--yes")
