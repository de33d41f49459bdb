"""Logged models: what mlflow 3 knows of a model before and beside the registry."""

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import LoggedModelOutput, LoggedModelStatus
from mlflow.entities.logged_model import LoggedModel

from tests.mlflow_client.refusal import refused


@pytest.fixture
def model(experiment: str) -> LoggedModel:
    """Pending, with a param and a tag."""
    return mlflow.initialize_logged_model(
        "forest", params={"trees": "10"}, tags={"a": "b"}, model_type="agent"
    )


def _ids(found: list[LoggedModel]) -> list[str]:
    return [model.model_id for model in found]


def test_a_model_is_created_then_finished(client: MlflowClient, experiment: str, model: LoggedModel) -> None:
    assert model.model_id.startswith("m-")
    assert model.artifact_location == f"mlflow-artifacts:/{experiment}/models/{model.model_id}/artifacts"
    assert model.status == LoggedModelStatus.PENDING
    found = mlflow.get_logged_model(model.model_id)
    assert (found.name, found.model_type, found.params) == ("forest", "agent", {"trees": "10"})
    assert (found.tags["a"], found.experiment_id) == ("b", experiment)
    assert not found.source_run_id
    finished = mlflow.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    assert finished.status == LoggedModelStatus.READY
    assert finished.last_updated_timestamp >= finished.creation_timestamp


def test_an_upload_may_fail(model: LoggedModel) -> None:
    finished = mlflow.finalize_logged_model(model.model_id, LoggedModelStatus.FAILED)
    assert finished.status == LoggedModelStatus.FAILED


def test_a_model_without_a_name_is_given_one(experiment: str) -> None:
    assert mlflow.initialize_logged_model().name


def test_an_external_model_is_ready_at_once(experiment: str) -> None:
    model = mlflow.create_external_model("elsewhere", params={"a": "1"})
    assert model.status == LoggedModelStatus.READY


def test_tags_of_a_model_are_set_and_deleted(client: MlflowClient, model: LoggedModel) -> None:
    mlflow.set_logged_model_tags(model.model_id, {"a": "c", "x/y z": "1"})
    tags = mlflow.get_logged_model(model.model_id).tags
    assert (tags["a"], tags["x/y z"]) == ("c", "1")
    mlflow.delete_logged_model_tag(model.model_id, "a")
    assert "a" not in mlflow.get_logged_model(model.model_id).tags
    with refused("RESOURCE_DOES_NOT_EXIST"):
        mlflow.delete_logged_model_tag(model.model_id, "a")


def test_params_of_a_model_are_added(client: MlflowClient, model: LoggedModel, experiment: str) -> None:
    mlflow.log_model_params({"depth": "3"}, model_id=model.model_id)
    assert mlflow.get_logged_model(model.model_id).params == {"trees": "10", "depth": "3"}
    many = {f"p{n}": str(n) for n in range(230)}
    assert mlflow.initialize_logged_model("many", params=many).params == many


def test_metrics_of_a_model_are_those_logged_for_it(client: MlflowClient, model: LoggedModel) -> None:
    with mlflow.start_run() as active:
        mlflow.log_metric("acc", 0.5, step=1, model_id=model.model_id)
        mlflow.log_metric("acc", 0.9, step=2, model_id=model.model_id)
        mlflow.log_metrics({"f1": 0.8}, model_id=model.model_id)
        mlflow.log_metric("other", 1)
    found = mlflow.get_logged_model(model.model_id)
    latest = {metric.key: metric.value for metric in found.metrics if metric.step != 1}
    assert latest == {"acc": 0.9, "f1": 0.8}
    assert {metric.run_id for metric in found.metrics} == {active.info.run_id}
    assert client.get_run(active.info.run_id).data.metrics == {"acc": 0.9, "f1": 0.8, "other": 1.0}


def test_models_are_searched_by_everything(experiment: str) -> None:
    one, two = (
        mlflow.initialize_logged_model(n, params={"depth": n}, tags={"t": n}, model_type=n)
        for n in ("one", "two")
    )
    with mlflow.start_run():
        mlflow.log_metric("acc", 0.1, model_id=one.model_id)
        mlflow.log_metric("acc", 0.9, model_id=two.model_id)
    mlflow.finalize_logged_model(two.model_id, LoggedModelStatus.READY)
    for words, models in {
        "": [one, two],
        "name = 'one'": [one],
        "name LIKE '%o%' AND params.depth = 'two'": [two],
        "tags.t != 'one'": [two],
        "metrics.acc > 0.5": [two],
        "model_type = 'one'": [one],
        f"model_id = '{one.model_id}'": [one],
        f"source_run_id = '{'0' * 32}'": [],
        f"creation_timestamp >= {one.creation_timestamp}": [one, two],
    }.items():
        found = mlflow.search_logged_models(
            [experiment], filter_string=words or None, output_format="list",
            order_by=[{"field_name": "metrics.acc", "ascending": True}],
        )  # fmt: skip
        assert (words, _ids(found)) == (words, [model.model_id for model in models])


def test_the_newest_model_comes_first_and_pages_hold_all(client: MlflowClient, experiment: str) -> None:
    made = [mlflow.initialize_logged_model(f"n{n}").model_id for n in range(5)]
    first = client.search_logged_models([experiment], max_results=3)
    second = client.search_logged_models([experiment], max_results=3, page_token=first.token)
    assert sorted(_ids(first) + _ids(second)) == sorted(made)
    assert (len(first), second.token or None) == (3, None)
    newest = [model.creation_timestamp for model in [*first, *second]]
    assert newest == sorted(newest, reverse=True)


def test_metrics_are_compared_on_one_dataset(
    client: MlflowClient, experiment: str, model: LoggedModel
) -> None:
    import pandas as pd  # noqa: PLC0415

    dataset = mlflow.data.from_pandas(pd.DataFrame({"a": [1]}), name="held out")
    with mlflow.start_run():
        mlflow.log_metric("acc", 0.9, model_id=model.model_id, dataset=dataset)
    on = {"dataset_name": "held out", "dataset_digest": dataset.digest}
    found = client.search_logged_models([experiment], "metrics.acc > 0.5", datasets=[on])
    assert _ids(found) == [model.model_id]
    assert _ids(client.search_logged_models([experiment], "metrics.acc > 0.95", datasets=[on])) == []
    other = {"dataset_name": "other"}
    assert _ids(client.search_logged_models([experiment], "metrics.acc > 0.5", datasets=[other])) == []


def test_a_run_lists_the_models_it_made(client: MlflowClient, run: str, model: LoggedModel) -> None:
    client.log_outputs(run, [LoggedModelOutput(model.model_id, 3)])
    outputs = client.get_run(run).outputs.model_outputs
    assert [(output.model_id, output.step) for output in outputs] == [(model.model_id, 3)]


def test_a_deleted_model_is_gone(client: MlflowClient, experiment: str, model: LoggedModel) -> None:
    client.delete_logged_model(model.model_id)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        mlflow.get_logged_model(model.model_id)
    assert client.search_logged_models([experiment]) == []


def test_an_unknown_model_is_told(client: MlflowClient, experiment: str) -> None:
    unknown = "m-" + "0" * 32
    for ask in (
        lambda: mlflow.get_logged_model(unknown),
        lambda: mlflow.finalize_logged_model(unknown, LoggedModelStatus.READY),
        lambda: mlflow.delete_logged_model_tag(unknown, "a"),
        lambda: client.delete_logged_model(unknown),
    ):
        with refused("RESOURCE_DOES_NOT_EXIST"):
            ask()


def test_a_bad_filter_of_models_is_told(client: MlflowClient, experiment: str) -> None:
    for words in ("nothing.such = 1", "name ~ 'a'"):
        with refused("INVALID_PARAMETER_VALUE"):
            client.search_logged_models([experiment], words)
