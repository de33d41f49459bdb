import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from features.online.board_scan import all_stands
from registry.documents.connection import collection
from registry.documents.guarded import replace_older
from registry.enums import Lifecycle, SagaState
from registry.exceptions import ConflictError, NotFoundError
from registry.models import (
    AuditEntry,
    BodyPart,
    Dataset,
    Experiment,
    LoggedModel,
    LoggedModelMetric,
    MetricPoint,
    OutboxEntry,
    RunModel,
    Saga,
    TrainingRun,
)
from registry.services.artifacts import log_artifact, log_owned_artifact
from registry.services.datasets import create_dataset
from registry.services.experiments import create_experiment, restore_experiment
from registry.services.housekeeping import clear_tombstones
from registry.services.logged_models import create_logged_model, link_models
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.model_configs import insert_model_config
from registry.services.model_metrics import ModelMetric, record_model_metrics
from registry.services.purges import purge_dataset, purge_experiment, purge_run
from registry.services.run_log import add_note, log_epoch
from registry.services.runs import end_run, restore_run, start_run
from registry.sync import purge_rows, saga_engine
from registry.sync.relay import drain
from registry.sync.run_bodies import run_body
from tests.boards import runs_on_board
from tests.factories import ModelVersionFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    return tmp_path / "artifacts"


@pytest.fixture
def experiment() -> Experiment:
    create_dataset(name="d", digest="x")
    return create_experiment(name="e")


def full_run(number: int = 0) -> TrainingRun:
    run = start_run(experiment="e", dataset="d", config={"lr": 0.1}, tags={"t": "x"})
    log_epoch(run_id=run.run_id, epoch=1, metrics={"loss": 1.0})
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", 0.9 - number / 100, 0, 1)])
    log_artifact(run_id=run.run_id, path="a.txt", content=f"file {number}".encode())
    log_artifact(run_id=run.run_id, path="shared.txt", content=b"shared")
    add_note(run_id=run.run_id, text="n")
    insert_model_config(name=f"c{number}", framework="keras", config={"n": number}, run_id=run.run_id)
    end_run(run_id=run.run_id)
    return run


def logged_model(experiment: Experiment, run: TrainingRun | None, content: bytes) -> LoggedModel:
    params, tags = {"trees": "1"}, {"team": "risk"}
    model = create_logged_model(experiment=experiment, source_run=run, params=params, tags=tags)
    log_owned_artifact(owner=model, path="model/data.bin", content=content)
    return model


def living(name: str) -> int:
    return int(collection(name).count_documents({"purged_at": {"$exists": False}}))


def files(root: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in root.rglob("*") if path.is_file())


def test_a_purged_run_is_gone_from_every_store_and_the_others_stay(
    experiment: Experiment, root: Path
) -> None:
    gone, kept = full_run(0), full_run(1)
    child = start_run(experiment="e", parent_run_id=gone.run_id)
    saga = purge_run(run_id=gone.run_id)
    assert saga.state == SagaState.DONE
    child.refresh_from_db()
    assert child.parent is None
    assert set(TrainingRun.objects.values_list("run_id", flat=True)) == {kept.run_id, child.run_id}
    assert MetricPoint.objects.exclude(metric__run=kept).count() == 0
    assert (living("runs"), living("run_logs"), collection("model_configs").count_documents({})) == (2, 2, 1)
    assert files(root) == [b"file 1", b"shared"]
    assert runs_on_board("d") == [kept.run_id]
    assert OutboxEntry.objects.count() == 0
    assert AuditEntry.objects.filter(subject_id=gone.run_id, action="run.purge").count() == 1
    with pytest.raises(NotFoundError):
        purge_run(run_id=gone.run_id)


def test_a_purged_experiment_takes_its_runs_with_it(
    experiment: Experiment, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.services.purges.BATCH", 2)
    for number in range(5):
        full_run(number)
    saga = purge_experiment(experiment_id=experiment.experiment_id)
    assert saga.state == SagaState.DONE
    assert (TrainingRun.objects.count(), Experiment.objects.count(), OutboxEntry.objects.count()) == (0, 0, 0)
    assert [living(name) for name in ("experiments", "runs", "run_logs", "model_configs")] == [0, 0, 0, 0]
    assert (files(root), runs_on_board("d")) == ([], [])
    assert {stand.boards for stand in all_stands().values()} == {()}
    create_experiment(name="e")


def test_a_dataset_is_purged_alone_or_with_its_runs(experiment: Experiment) -> None:
    full_run()
    with pytest.raises(ConflictError, match="1 runs were trained"):
        purge_dataset(name="d")
    create_dataset(name="child", digest="y", parents=["d"])
    with pytest.raises(ConflictError, match="made from 'd': child"):
        purge_dataset(name="d", with_runs=True)
    assert purge_dataset(name="child").state == SagaState.DONE
    assert purge_dataset(name="d", with_runs=True).state == SagaState.DONE
    assert (Dataset.objects.count(), TrainingRun.objects.count()) == (0, 0)


def test_what_a_model_version_was_made_from_is_not_purged(experiment: Experiment) -> None:
    run = full_run()
    ModelVersionFactory(run=TrainingRun.objects.get(run_id=run.run_id), model__name="churn")
    for purge in (
        lambda: purge_run(run_id=run.run_id),
        lambda: purge_experiment(experiment_id=experiment.experiment_id),
        lambda: purge_dataset(name="d", with_runs=True),
    ):
        with pytest.raises(ConflictError, match="churn version"):
            purge()
    assert (Saga.objects.count(), TrainingRun.objects.get().lifecycle) == (0, Lifecycle.ACTIVE)


def test_a_purged_run_takes_the_models_that_it_made_with_it(experiment: Experiment, root: Path) -> None:
    gone, kept = full_run(0), full_run(1)
    mine, other = (logged_model(experiment, run, run.run_id.encode()) for run in (gone, kept))
    for run in (gone, kept):
        link_models(run_id=run.run_id, models=[(mine, 0), (other, 0)], role="input")
        scored = [ModelMetric(model.model_id, "auc", 0.9, 0, 1) for model in (mine, other)]
        record_model_metrics(run_id=run.run_id, metrics=scored)
    assert purge_run(run_id=gone.run_id).state == SagaState.DONE
    assert LoggedModel.objects.get() == other
    assert (LoggedModelMetric.objects.get().run_id, RunModel.objects.get().run_id) == (kept.pk, kept.pk)
    assert files(root) == sorted([b"file 1", kept.run_id.encode(), b"shared"])


def test_a_purged_experiment_takes_models_that_no_run_made_with_it(
    experiment: Experiment, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.services.purges.BATCH", 2)
    for number in range(3):
        logged_model(experiment, None, str(number).encode())
    assert purge_experiment(experiment_id=experiment.experiment_id).state == SagaState.DONE
    assert (LoggedModel.objects.count(), Experiment.objects.count(), files(root)) == (0, 0, [])
    assert AuditEntry.objects.filter(action="logged_model.purge").count() == 3


def test_a_logged_model_that_a_version_was_made_from_is_not_purged(experiment: Experiment) -> None:
    run = full_run()
    for source in (run, None):
        model = logged_model(experiment, source, b"x")
        version = ModelVersionFactory(run=None, logged_model=model, model__name="churn")
        with pytest.raises(ConflictError, match="churn version"):
            purge_experiment(experiment_id=experiment.experiment_id)
        if source is not None:
            with pytest.raises(ConflictError, match="churn version"):
                purge_run(run_id=run.run_id)
        version.model.delete()


def test_without_mongodb_a_purge_goes_on_when_it_is_back(
    experiment: Experiment, mongodb_away: Callable[[], None]
) -> None:
    run = start_run(experiment="e")
    saga = purge_run(run_id=run.run_id)
    assert (saga.state, TrainingRun.objects.count()) == (SagaState.RUNNING, 0)
    mongodb_away()
    drain()
    assert saga_engine.resume(saga.saga_id).state == SagaState.DONE
    assert living("runs") == 0


def test_what_comes_late_does_not_bring_a_purged_run_back(experiment: Experiment) -> None:
    run = full_run()
    late = list(collection("runs").find({"_id": run.run_id}))
    purge_run(run_id=run.run_id)
    collection("runs").bulk_write([replace_older(document) for document in late])
    assert living("runs") == 0


def test_nothing_new_comes_in_once_a_purge_is_closed(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = full_run()

    def fail(_runs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("registry.services.purges.purge_runs", fail)
    saga = purge_experiment(experiment_id=experiment.experiment_id)
    assert saga.state == SagaState.RUNNING
    with pytest.raises(ConflictError):
        start_run(experiment="e")
    with pytest.raises(ConflictError, match="being purged"):
        restore_experiment(name="e")
    saga_engine.abort(saga.saga_id)
    assert Experiment.objects.get().lifecycle == Lifecycle.ACTIVE
    start_run(experiment="e")
    aborted = purge_run(run_id=run.run_id)
    with pytest.raises(ConflictError, match="being purged"):
        restore_run(run_id=run.run_id)
    saga_engine.abort(aborted.saga_id)
    assert TrainingRun.objects.get(run_id=run.run_id).lifecycle == Lifecycle.ACTIVE


def test_tombstones_are_cleared_after_a_while(experiment: Experiment) -> None:
    run = full_run()
    purge_run(run_id=run.run_id)
    assert clear_tombstones(older_than=dt.timedelta(days=7)) == 0
    assert clear_tombstones(older_than=dt.timedelta()) == 3
    assert BodyPart.objects.filter(part=purge_rows.TOMBSTONE).count() == 0
    assert (collection("runs").count_documents({}), collection("run_logs").count_documents({})) == (0, 0)


def test_a_purged_runs_body_is_not_shown(experiment: Experiment) -> None:
    run = full_run()
    purge_run(run_id=run.run_id)
    assert run_body(run).body is None
