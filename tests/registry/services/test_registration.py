import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from registry.artifacts import storage
from registry.enums import SagaState
from registry.exceptions import ArtifactError, BadInputError, IdempotencyKeyReusedError, NotFoundError
from registry.models import Artifact, IdempotencyKey, OutboxEntry, Saga, TrainingRun
from registry.services.registration import finish_run, register_training_run
from registry.services.runs import start_run
from registry.sync import saga_engine
from registry.sync.run_bodies import run_body
from tests.boards import runs_on_board
from tests.factories import DatasetFactory, ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    ExperimentFactory(name="e")
    DatasetFactory(name="d")
    return tmp_path / "artifacts"


def register(**changed: Any) -> TrainingRun:
    usual: dict[str, Any] = {"experiment": "e", "dataset": "d", "metrics": {"accuracy": 0.9}}
    return register_training_run(
        **{**usual, "config": {"lr": 0.1}, "artifacts": {"m.bin": b"model"}, **changed}
    )


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_whole_run_is_registered_in_every_store(root: Path) -> None:
    run = register(artifacts={"m.bin": b"model", "plots/a.png": io.BytesIO(b"png")})
    assert (run.status, run.accuracy) == ("FINISHED", 0.9)
    assert list(run.artifacts.values_list("path", flat=True)) == ["m.bin", "plots/a.png"]
    body = run_body(run).body
    assert body is not None
    assert (body["status"], body["params"], body["metrics"]) == ("FINISHED", {"lr": 0.1}, {"accuracy": 0.9})
    assert runs_on_board("d") == [run.run_id]
    assert (Saga.objects.get().state, OutboxEntry.objects.count(), len(files(root))) == (SagaState.DONE, 0, 2)


def test_the_same_key_registers_once(root: Path) -> None:
    first = register(idempotency_key="k")
    assert register(idempotency_key="k") == first
    assert (TrainingRun.objects.count(), len(files(root))) == (1, 1)
    with pytest.raises(IdempotencyKeyReusedError):
        register(idempotency_key="k", artifacts={"m.bin": b"another"})
    assert len(files(root)) == 1


def test_files_that_can_not_be_kept_take_the_run_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_staged: object) -> None:
        raise ArtifactError("The disk is full.")

    monkeypatch.setattr(storage, "keep", refuse)
    with pytest.raises(ArtifactError, match="full"):
        register(idempotency_key="k")
    assert (TrainingRun.objects.count(), Artifact.objects.count(), IdempotencyKey.objects.count()) == (
        0,
        0,
        0,
    )
    assert (Saga.objects.get().state, files(root)) == (SagaState.COMPENSATED, [])
    monkeypatch.undo()
    assert register(idempotency_key="k").status == "FINISHED"


def test_bad_input_stores_nothing(root: Path) -> None:
    for changed in (
        {"artifacts": {"../x": b""}}, {"status": "RUNNING"}, {"metrics": {"": 1.0}}, {"config": {"x": object()}},
    ):  # fmt: skip
        with pytest.raises(BadInputError):
            register(**changed)
    with pytest.raises(NotFoundError):
        register(experiment="unknown")
    with pytest.raises(ArtifactError):
        register(artifacts={"a": b"first", "b": root / "missing"})
    assert (TrainingRun.objects.count(), Saga.objects.count(), files(root)) == (0, 0, [])


def test_without_mongodb_it_is_registered_and_the_saga_ends_later(mongodb_away: Callable[[], None]) -> None:
    run = register()
    assert (run.status, Saga.objects.get().state) == ("FINISHED", SagaState.RUNNING)
    mongodb_away()
    Saga.objects.update(next_at=timezone.now())
    assert saga_engine.resume_due() == 1
    assert Saga.objects.get().state == SagaState.DONE
    assert run_body(run).is_current


def test_finishing_logs_and_ends_or_neither() -> None:
    run = start_run(experiment="e")
    with pytest.raises(BadInputError):
        finish_run(run_id=run.run_id, metrics={"accuracy": 0.5}, status="RUNNING")
    assert TrainingRun.objects.get().accuracy is None
    done = finish_run(run_id=run.run_id, metrics={"accuracy": 0.5})
    done.refresh_from_db()
    assert (done.status, done.accuracy) == ("FINISHED", 0.5)
