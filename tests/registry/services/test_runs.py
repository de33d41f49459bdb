import datetime as dt
from typing import Any

import pytest

from registry.documents.connection import collection
from registry.enums import RunStatus
from registry.exceptions import BadInputError, ConflictError, DuplicateNameError, NotFoundError
from registry.models import OutboxEntry, Param, RunTag, TrainingRun
from registry.services.experiments import delete_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import delete_run, end_run, restore_run, resume_run, start_run
from tests.factories import DatasetFactory, ExperimentFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
RUN_ID = "0123456789abcdef" * 2


@pytest.fixture(autouse=True)
def _experiment() -> None:
    ExperimentFactory(name="e")


def body(run_id: str) -> dict[str, Any]:
    found = collection("runs").find_one({"_id": run_id})
    assert found is not None
    return found


def test_a_run_starts_in_both_stores() -> None:
    DatasetFactory(name="digits")
    user = UserFactory()
    parent = start_run(experiment="e")
    run = start_run(
        experiment="e",
        name="first",
        model_name="mlp",
        framework="scikit-learn",
        dataset="digits",
        run_id=RUN_ID,
        parent_run_id=parent.run_id,
        config={"model": {"layers": [64, 32]}},
        tags={"owner": "ada"},
        environment={"python": "3.11"},
        user=user,
    )
    row = TrainingRun.objects.get(run_id=RUN_ID)
    assert (row.name, row.status, row.dataset, row.parent, row.created_by) == (
        "first", "RUNNING", run.dataset, parent, user,
    )  # fmt: skip
    assert (row.version, row.body_version) == (1, 1)
    assert OutboxEntry.objects.count() == 0
    document = body(RUN_ID)
    assert document["v"] == 1
    assert document["params"] == {"model": {"layers": [64, 32]}}
    assert document["tags"] == [{"k": "owner", "v": "ada"}]
    assert (document["dataset"], document["parent_run_id"]) == ("digits", parent.run_id)


def test_a_run_without_a_name_gets_one_from_its_id() -> None:
    run = start_run(experiment="e", run_id=RUN_ID)
    assert run.name == "run-01234567"


def test_a_taken_run_id_is_refused_and_the_first_run_stays_as_it_is() -> None:
    start_run(experiment="e", run_id=RUN_ID, config={"a": 1})
    with pytest.raises(DuplicateNameError, match="already a run"):
        start_run(experiment="e", run_id=RUN_ID, config={"a": 2})
    assert Param.objects.get().value == "1"
    assert body(RUN_ID)["params"] == {"a": 1}


@pytest.mark.parametrize(
    ("details", "error", "message"),
    [
        ({"experiment": "none"}, NotFoundError, "no experiment named 'none'"),
        ({"dataset": "none"}, NotFoundError, "no dataset named 'none'"),
        ({"parent_run_id": "f" * 32}, NotFoundError, "no run with id"),
        ({"run_id": "XYZ"}, BadInputError, "32 hexadecimal"),
        ({"run_id": RUN_ID.upper()}, BadInputError, "32 hexadecimal"),
        ({"name": "x" * 256}, BadInputError, "256 characters"),
        ({"name": " \t"}, BadInputError, "blank"),
        ({"framework": "f" * 65}, BadInputError, "65 characters"),
        ({"config": {"a": {1, 2}}}, BadInputError, "config|params"),
        ({"config": {"big": "x" * 17 * 1024 * 1024}}, BadInputError, "15 MB"),
        ({"environment": {"big": "x" * 17 * 1024 * 1024}}, BadInputError, "15 MB"),
        ({"tags": {"": "x"}}, BadInputError, "blank"),
        ({"tags": {"k": "\x00"}}, BadInputError, "NUL"),
    ],
)
def test_a_bad_start_stores_nothing_anywhere(
    details: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        start_run(**{"experiment": "e", **details})
    counts = (
        TrainingRun.objects.count(),
        Param.objects.count(),
        RunTag.objects.count(),
        OutboxEntry.objects.count(),
    )
    assert counts == (0, 0, 0, 0)
    assert collection("runs").count_documents({}) == 0


def test_a_config_and_an_environment_that_pass_the_limit_together_are_refused() -> None:
    half = "x" * 9 * 1024 * 1024
    with pytest.raises(BadInputError, match="15 MB"):
        start_run(experiment="e", config={"a": half}, environment={"b": half})
    assert TrainingRun.objects.count() == 0


def test_a_deleted_experiment_takes_no_runs() -> None:
    delete_experiment(name="e")
    with pytest.raises(ConflictError, match="deleted"):
        start_run(experiment="e")


def test_an_ended_run_has_its_end_duration_and_metrics_in_both_stores() -> None:
    started = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    run = start_run(experiment="e", started_at=started)
    log_metrics(run_id=run.run_id, points=[MetricSample("val.loss", 0.5, 0, 0)])
    end_run(run_id=run.run_id, ended_at=started + dt.timedelta(seconds=90))
    run.refresh_from_db()
    assert (run.status, run.duration_seconds) == ("FINISHED", 90.0)
    document = body(run.run_id)
    assert (document["status"], document["metrics"]) == ("FINISHED", {"val%2Eloss": 0.5})


def test_ending_a_run_again_the_same_way_changes_nothing() -> None:
    run = start_run(experiment="e")
    first = end_run(run_id=run.run_id)
    second = end_run(run_id=run.run_id)
    assert (second.ended_at, second.version) == (first.ended_at, first.version)


def test_ending_a_run_again_otherwise_is_refused() -> None:
    run = start_run(experiment="e")
    end_run(run_id=run.run_id)
    with pytest.raises(ConflictError, match="already ended as FINISHED"):
        end_run(run_id=run.run_id, status=RunStatus.FAILED)


def test_a_run_can_not_end_before_it_starts_or_as_running() -> None:
    run = start_run(experiment="e")
    with pytest.raises(BadInputError, match="before it started"):
        end_run(run_id=run.run_id, ended_at=run.started_at - dt.timedelta(seconds=1))
    with pytest.raises(BadInputError, match="can't end as 'RUNNING'"):
        end_run(run_id=run.run_id, status="RUNNING")


def test_a_resumed_run_runs_again_in_both_stores() -> None:
    run = start_run(experiment="e")
    end_run(run_id=run.run_id, status=RunStatus.FAILED, failure_reason="out of memory")
    resumed = resume_run(run_id=run.run_id)
    assert (resumed.status, resumed.ended_at, resumed.failure_reason) == ("RUNNING", None, "")
    assert body(run.run_id)["status"] == "RUNNING"
    assert resume_run(run_id=run.run_id).version == resumed.version


def test_a_deleted_run_is_marked_in_both_stores_and_can_be_restored() -> None:
    run = start_run(experiment="e")
    delete_run(run_id=run.run_id)
    assert delete_run(run_id=run.run_id).lifecycle == "deleted"
    assert body(run.run_id)["deleted"] is True
    restored = restore_run(run_id=run.run_id)
    assert (restored.lifecycle, restored.deleted_at) == ("active", None)
    assert body(run.run_id)["deleted"] is False
