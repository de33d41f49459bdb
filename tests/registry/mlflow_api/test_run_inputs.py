"""What runs read, as MLflow's client says it."""

import hashlib
from typing import Any

import pytest

from registry.enums import Lifecycle
from registry.exceptions import ConflictError
from registry.models import AuditEntry, Dataset, Experiment, RunInput, RunModel, TrainingRun
from registry.services.dataset_inputs import GivenDataset
from registry.services.run_inputs import DatasetInput, log_inputs
from registry.sync.run_bodies import kept_body
from tests.factories import DatasetFactory, LoggedModelFactory, RunFactory
from tests.side_by_side import side_by_side

from .conftest import Mlflow

SCHEMA = '{"mlflow_colspec": [ {"type": "double", "name": "x"} ]}'
PROFILE = '{"num_rows": 100, "num_elements": 500}'


def given(name: str = "iris", digest: str = "d1", context: str = "", **more: str) -> dict[str, Any]:
    dataset = {"name": name, "digest": digest, "source_type": "code", "source": '{"tags": {}}', **more}
    tags = [{"key": "mlflow.data.context", "value": context}] if context else []
    return {"dataset": dataset, "tags": tags}


def log(mlflow: Mlflow, run: TrainingRun, *datasets: dict[str, Any], **more: Any) -> None:
    assert mlflow.post("runs/log-inputs", run_id=run.run_id, datasets=list(datasets), **more) == {}
    run.refresh_from_db()


def inputs(run: TrainingRun) -> list[tuple[str, str, str, str]]:
    rows = RunInput.objects.filter(run=run).order_by("pk")
    return list(rows.values_list("dataset__name", "dataset__given_name", "dataset__digest", "context"))


def test_a_dataset_is_kept_as_it_was_described(mlflow: Mlflow, run: TrainingRun) -> None:
    log(mlflow, run, given(context="training", schema=SCHEMA, profile=PROFILE))
    dataset = Dataset.objects.get(name="iris")
    assert (dataset.digest, dataset.source_type, dataset.source) == ("d1", "code", '{"tags": {}}')
    assert (dataset.schema, dataset.profile) == (SCHEMA, PROFILE)
    assert (dataset.row_count, dataset.created_by) == (100, mlflow.user)
    row = RunInput.objects.get(run=run)
    assert (row.context, row.tags) == ("training", [{"key": "mlflow.data.context", "value": "training"}])


def test_inputs_come_back_as_they_were_sent(mlflow: Mlflow, run: TrainingRun) -> None:
    run.dataset = None
    run.save()
    sent = [given("a", context="train", schema=SCHEMA, profile=PROFILE), given("a", "d2", context="eval")]
    log(mlflow, run, *sent)
    assert mlflow.get("runs/get", run_id=run.run_id)["run"]["inputs"] == {"dataset_inputs": sent}


def test_the_first_dataset_trained_on_becomes_the_runs_own(mlflow: Mlflow, run: TrainingRun) -> None:
    run.dataset = None
    run.save()
    log(mlflow, run, given("a", context="eval"), given("b", context="train"))
    assert run.dataset is not None
    assert run.dataset.name == "b"
    body: Any = kept_body(run.run_id)
    assert body["dataset"] == "b"
    assert body["inputs"] == [
        {"dataset": "a", "digest": "d1", "context": "eval"},
        {"dataset": "b", "digest": "d1", "context": "train"},
    ]
    assert list(TrainingRun.objects.on_dataset("b")) == [run]


def test_the_first_dataset_at_all_does_where_none_was_trained_on(mlflow: Mlflow, run: TrainingRun) -> None:
    run.dataset = None
    run.save()
    log(mlflow, run, given("a"), given("b", context="eval"))
    log(mlflow, run, given("c", context="training"))
    assert run.dataset is not None
    assert run.dataset.name == "a"


def test_a_run_keeps_the_dataset_that_it_has(mlflow: Mlflow, experiment: Experiment) -> None:
    run = RunFactory.create(experiment=experiment, dataset=DatasetFactory.create(name="own"))
    log(mlflow, run, given("other", context="training"))
    assert run.dataset is not None
    assert run.dataset.name == "own"


def test_the_same_inputs_again_change_nothing(mlflow: Mlflow, run: TrainingRun) -> None:
    log(mlflow, run, given(context="train"))
    before = run.version, AuditEntry.objects.count()
    log(mlflow, run, given(context="train"), given(context="eval", schema=SCHEMA))
    assert inputs(run) == [("iris", "", "d1", "train")]
    assert (run.version, AuditEntry.objects.count()) == before


def test_one_name_and_other_data_is_another_dataset(mlflow: Mlflow, run: TrainingRun) -> None:
    log(mlflow, run, given(digest="d1"), given(digest="d2"), given(digest="d3"), given(digest="d2"))
    assert inputs(run) == [
        ("iris", "", "d1", ""),
        ("iris (d2)", "iris", "d2", ""),
        ("iris (d3)", "iris", "d3", ""),
    ]


def test_runs_share_the_dataset_that_they_name_alike(mlflow: Mlflow, experiment: Experiment) -> None:
    runs = [RunFactory.create(experiment=experiment) for _ in range(3)]
    DatasetFactory.create(name="iris", digest="older")
    for run in runs:
        log(mlflow, run, given())
    assert [inputs(run) for run in runs] == [[("iris (d1)", "iris", "d1", "")]] * 3
    assert Dataset.objects.filter(digest="d1").count() == 1


def test_a_long_name_and_a_name_that_looks_like_ours_are_told_apart(mlflow: Mlflow, run: TrainingRun) -> None:
    long = "x" * 500
    log(mlflow, run, given(long), given(long, "d2"), given("a (d2)", "d9"), given("a"), given("a", "d2"))
    found = {(row[1] or row[0], row[2]) for row in inputs(run)}
    assert found == {(long, "d1"), (long, "d2"), ("a (d2)", "d9"), ("a", "d1"), ("a", "d2")}
    assert max(len(row[0]) for row in inputs(run)) <= 255
    log(mlflow, run, given(long), given("a", "d2"))
    assert len(inputs(run)) == 5


@pytest.mark.parametrize(
    ("profile", "counts"),
    [
        ('{"features_shape": [150, 4], "targets_shape": [150]}', (150, 4)),
        ('{"features_shape": {"a": [3, 2]}}', (None, None)),
        ('{"num_rows": -1}', (None, None)),
        ('{"num_rows": 99999999999999999999}', (None, None)),
        ('{"num_rows": true}', (None, None)),
        ("[1]", (None, None)),
        ("none", (None, None)),
    ],
)
def test_rows_and_features_are_read_from_the_profile_where_it_says_so(
    mlflow: Mlflow, run: TrainingRun, profile: str, counts: tuple[int | None, int | None]
) -> None:
    log(mlflow, run, given(profile=profile))
    dataset = Dataset.objects.get(name="iris")
    assert ((dataset.row_count, dataset.feature_count), dataset.profile) == (counts, profile)


def test_models_that_a_run_read_are_linked_once(mlflow: Mlflow, run: TrainingRun) -> None:
    model = LoggedModelFactory.create(source_run=run)
    for _ in range(2):
        log(mlflow, run, models=[{"model_id": f"m-{model.model_id}"}])
    assert list(RunModel.objects.values_list("run", "model", "role")) == [(run.pk, model.pk, "input")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"dataset": {}},
        {},
        {"dataset": {"name": " "}},
        {"dataset": {"name": "a\0"}},
        {"dataset": {"name": 1}},
        {"dataset": "a"},
        given("x" * 501),
        given(digest="x" * 37),
        given(source="x" * 65_536),
        given(schema="x" * 1_048_576),
        given(context="x" * 501),
        given() | {"tags": [{"key": "k" * 256, "value": "v"}]},
        given() | {"tags": [{"value": "v"}]},
    ],
)
def test_what_can_t_be_stored_is_refused_whole(mlflow: Mlflow, run: TrainingRun, wrong: Any) -> None:
    fields = {"run_id": run.run_id, "datasets": [given("good"), wrong]}
    status, code, _ = mlflow.refused("POST", "runs/log-inputs", fields)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert not Dataset.objects.filter(name="good").exists()


def test_too_long_is_told_in_mlflows_words(mlflow: Mlflow, run: TrainingRun) -> None:
    fields = {"run_id": run.run_id, "datasets": [given("x" * 501)]}
    message = mlflow.refused("POST", "runs/log-inputs", fields)[2]
    assert message == "'name' exceeds the maximum length of 500 characters"


def test_a_model_that_the_caller_may_not_know_of_is_not_there(mlflow: Mlflow, run: TrainingRun) -> None:
    for model_id in (f"m-{'0' * 32}", "nope"):
        fields = {"run_id": run.run_id, "datasets": [given()], "models": [{"model_id": model_id}]}
        assert mlflow.refused("POST", "runs/log-inputs", fields)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert inputs(run) == []


def test_a_dataset_that_is_being_purged_takes_no_new_runs(run: TrainingRun) -> None:
    DatasetFactory.create(name="iris", digest="d1", lifecycle=Lifecycle.PURGING)
    with pytest.raises(ConflictError, match="is being purged"):
        log_inputs(run_id=run.run_id, datasets=[DatasetInput(GivenDataset("iris", "d1"))])


def test_a_name_that_is_taken_every_way_is_refused(run: TrainingRun) -> None:
    mark = hashlib.sha256(b"iris\nd1").hexdigest()[:8]
    for name in ("iris", "iris (d1)", f"iris (d1, {mark})"):
        DatasetFactory.create(name=name, digest="other")
    with pytest.raises(ConflictError, match="has no free name"):
        log_inputs(run_id=run.run_id, datasets=[DatasetInput(GivenDataset("iris", "d1"))])


@pytest.mark.django_db(transaction=True)
def test_runs_that_log_a_new_dataset_side_by_side_share_it(experiment: Experiment) -> None:
    runs = [RunFactory.create(experiment=experiment, dataset=None) for _ in range(4)]
    waiting = [run.run_id for run in runs]
    given_datasets = [DatasetInput(GivenDataset("iris", "d1")), DatasetInput(GivenDataset("iris", "d2"))]
    side_by_side(lambda: log_inputs(run_id=waiting.pop(), datasets=given_datasets), times=4)
    assert Dataset.objects.count() == 2
    assert RunInput.objects.count() == 8
