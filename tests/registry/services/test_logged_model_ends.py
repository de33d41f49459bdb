import pytest

from registry.exceptions import NotFoundError
from registry.models import LoggedModel, TrainingRun
from registry.services.artifacts import log_owned_artifact
from registry.services.logged_model_ends import finalize_logged_model
from registry.services.runs import delete_run
from registry.sync.run_bodies import kept_body
from tests.factories import LoggedModelFactory, RunFactory

pytestmark = pytest.mark.django_db
FLAVORS = (
    b"flavors: {sklearn: {sklearn_version: 1.9.1, 'x.y': [1, 2]}}\nsignature: {inputs: '[{\"name\": \"x\"}]'}"
)
TOLD = {
    "name": "forest",
    "model_type": "",
    "status": "READY",
    "flavors": {"sklearn": {"sklearn_version": "1.9.1", "x.y": [1, 2]}},
    "signature": {"inputs": [{"name": "x"}]},
}


@pytest.fixture
def run() -> TrainingRun:
    return RunFactory.create()


def logged(run: TrainingRun | None, content: bytes = FLAVORS) -> LoggedModel:
    model = LoggedModelFactory.create(source_run=run, name="forest")
    log_owned_artifact(owner=model, path="MLmodel", content=content)
    return model


def models_told_of(run: TrainingRun) -> object:
    return (kept_body(run.run_id) or {}).get("models")


def test_flavors_and_signature_are_in_the_run_s_body(run: TrainingRun) -> None:
    models = [logged(run) for _ in range(2)]
    for model in models:
        for _ in range(2):
            assert finalize_logged_model(model_id=model.model_id, status="READY").status == "READY"
    assert models_told_of(run) == {f"m-{model.model_id}": TOLD for model in models}


@pytest.mark.parametrize("content", [b"a: *b", b"flavors: {a: 2026-01-01}", b'flavors: {a: "\\0"}'])
def test_a_file_that_can_not_be_read_spoils_nothing(run: TrainingRun, content: bytes) -> None:
    model = logged(run, content)
    assert finalize_logged_model(model_id=model.model_id, status="READY").status == "READY"
    assert models_told_of(run) is None


def test_a_failed_model_or_one_without_a_file_or_a_run_tells_nothing(run: TrainingRun) -> None:
    finalize_logged_model(model_id=logged(run).model_id, status="FAILED")
    bare = LoggedModelFactory.create(source_run=run)
    finalize_logged_model(model_id=bare.model_id, status="READY")
    assert finalize_logged_model(model_id=logged(None).model_id, status="READY").status == "READY"
    assert models_told_of(run) is None
    with pytest.raises(NotFoundError):
        finalize_logged_model(model_id="f" * 32, status="READY")


def test_a_run_in_the_bin_keeps_its_body(run: TrainingRun) -> None:
    model = logged(run)
    delete_run(run_id=run.run_id)
    assert finalize_logged_model(model_id=model.model_id, status="READY").status == "READY"
    assert models_told_of(run) is None
