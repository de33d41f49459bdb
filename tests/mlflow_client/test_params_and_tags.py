"""Params, which never change, and tags, which do."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Param, RunTag

from tests.mlflow_client.refusal import refused


def test_params_are_kept_as_text(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as active:
        mlflow.log_param("lr", 0.1)
        mlflow.log_params({"layers": [64, 32], "model.depth": 3, "opt": {"name": "adam"}, "empty": ""})
    assert client.get_run(active.info.run_id).data.params == {
        "lr": "0.1", "layers": "[64, 32]", "model.depth": "3", "opt": "{'name': 'adam'}", "empty": "",
    }  # fmt: skip


def test_a_name_may_begin_another(client: MlflowClient, run: str) -> None:
    client.log_param(run, "model", "forest")
    client.log_param(run, "model.depth", 3)
    client.log_batch(run, params=[Param("opt.lr", "1"), Param("opt", "adam")])
    assert client.get_run(run).data.params == {
        "model": "forest", "model.depth": "3", "opt.lr": "1", "opt": "adam",
    }  # fmt: skip


def test_the_same_value_again_is_fine(client: MlflowClient, run: str) -> None:
    client.log_param(run, "lr", 0.1)
    client.log_param(run, "lr", "0.1")
    client.log_batch(run, params=[Param("lr", "0.1"), Param("depth", "3")])
    assert client.get_run(run).data.params == {"lr": "0.1", "depth": "3"}


def test_another_value_is_refused_with_both_values(client: MlflowClient, run: str) -> None:
    client.log_param(run, "lr", 0.1)
    with refused("INVALID_PARAMETER_VALUE", "(?s)Changing param values is not allowed.*lr.*0.1.*0.2"):
        client.log_param(run, "lr", 0.2)
    with refused("INVALID_PARAMETER_VALUE", "(?s)Changing param values is not allowed.*lr.*0.1.*0.3"):
        client.log_batch(run, params=[Param("new", "1"), Param("lr", "0.3")])
    assert client.get_run(run).data.params == {"lr": "0.1"}


def test_a_batch_that_contradicts_itself_is_refused(client: MlflowClient, run: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.log_batch(run, params=[Param("lr", "1"), Param("lr", "2")])
    assert client.get_run(run).data.params == {}


def test_a_long_value_is_cut_at_the_limit(client: MlflowClient, run: str) -> None:
    client.log_param(run, "fits", "ä" * 6_000)
    client.log_param(run, "long", "x" * 6_001)
    client.set_tag(run, "long", "x" * 8_001)
    data = client.get_run(run).data
    assert data.params == {"fits": "ä" * 6_000, "long": "x" * 6_000}
    assert data.tags["long"] == "x" * 8_000


def test_a_bad_name_of_a_param_is_told(client: MlflowClient, run: str) -> None:
    for key in ("", "a\nb", "/a", "a//b", "a" * 251):
        with refused("INVALID_PARAMETER_VALUE"):
            client.log_param(run, key, 1)


def test_tags_are_set_replaced_and_deleted(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as active:
        mlflow.set_tag("stage", "one")
        mlflow.set_tags({"stage": "two", "n": 1, "words": "ä " * 2_000})
        mlflow.delete_tag("n")
    tags = client.get_run(active.info.run_id).data.tags
    assert (tags["stage"], tags["words"], "n" in tags) == ("two", "ä " * 2_000, False)


def test_the_last_of_two_equal_tags_stands(client: MlflowClient, run: str) -> None:
    client.log_batch(run, tags=[RunTag("a", "1"), RunTag("a", "2")])
    assert client.get_run(run).data.tags["a"] == "2"


def test_a_missing_tag_cannot_be_deleted(client: MlflowClient, run: str) -> None:
    with refused("RESOURCE_DOES_NOT_EXIST", "No tag with name: none"):
        client.delete_tag(run, "none")


def test_a_bad_name_of_a_tag_is_told(client: MlflowClient, run: str) -> None:
    for key in ("", "a\nb", "a" * 251):
        with refused("INVALID_PARAMETER_VALUE"):
            client.set_tag(run, key, "x")
