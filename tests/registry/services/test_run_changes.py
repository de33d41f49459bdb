import pytest

from registry.exceptions import BadInputError, ConflictError, NotFoundError, ParamConflictError
from registry.models import RunTag, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.run_changes import change_run
from registry.services.runs import delete_run, start_run
from registry.sync.run_bodies import run_body

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(mongo: None) -> TrainingRun:
    create_experiment(name="e")
    return start_run(experiment="e", config={"lr": 1})


def test_params_tags_and_custom_change_together(run: TrainingRun) -> None:
    changed = change_run(run_id=run.run_id, params={"depth": 3}, tags={"a": "b"}, custom={"x": [1]})
    body = run_body(TrainingRun.objects.get()).body
    assert body is not None
    assert body["params"] == {"lr": 1, "depth": 3}
    assert body["custom"] == {"x": [1]}
    assert TrainingRun.objects.get().version == changed.version


def test_custom_replaces_what_was_there(run: TrainingRun) -> None:
    for custom in ({"x": 1}, {"y": 2}):
        change_run(run_id=run.run_id, custom=custom)
    body = run_body(TrainingRun.objects.get()).body
    assert body is not None
    assert body["custom"] == {"y": 2}


def test_nothing_asked_changes_nothing(run: TrainingRun) -> None:
    assert change_run(run_id=run.run_id).version == run.version


def test_one_bad_part_keeps_all_of_it_out(run: TrainingRun) -> None:
    with pytest.raises(ParamConflictError):
        change_run(run_id=run.run_id, tags={"a": "b"}, params={"lr": 2})
    with pytest.raises(BadInputError):
        change_run(run_id=run.run_id, tags={"a": "b"}, custom={"x": {1}})
    assert (RunTag.objects.count(), TrainingRun.objects.get().version) == (0, run.version)


def test_a_missing_or_deleted_run_is_refused(run: TrainingRun) -> None:
    with pytest.raises(NotFoundError):
        change_run(run_id="0" * 32, custom={})
    delete_run(run_id=run.run_id)
    with pytest.raises(ConflictError):
        change_run(run_id=run.run_id, custom={})
