"""Experiments, as MlflowClient and the fluent API know them."""

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

from tests.mlflow_client.refusal import refused


def test_the_default_experiment_is_there_and_has_number_zero(client: MlflowClient) -> None:
    default = client.get_experiment("0")
    assert (default.experiment_id, default.name) == ("0", "Default")
    assert client.get_experiment_by_name("Default").experiment_id == "0"


def test_an_experiment_keeps_its_name_and_tags(client: MlflowClient, name: str) -> None:
    experiment_id = client.create_experiment(name, tags={"team": "ä b"})
    found = client.get_experiment(experiment_id)
    assert (found.name, found.tags, found.lifecycle_stage) == (name, {"team": "ä b"}, "active")
    assert found.artifact_location == f"mlflow-artifacts:/{experiment_id}"
    assert found.creation_time <= found.last_update_time
    assert client.get_experiment_by_name(name).experiment_id == experiment_id


def test_set_experiment_creates_once(client: MlflowClient, name: str) -> None:
    assert mlflow.set_experiment(name).experiment_id == mlflow.set_experiment(name).experiment_id


def test_an_unknown_experiment_is_told(client: MlflowClient, name: str) -> None:
    assert client.get_experiment_by_name(name) is None
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.get_experiment("4711471147")


def test_a_name_is_taken_once(client: MlflowClient, name: str) -> None:
    experiment_id = client.create_experiment(name)
    with refused("RESOURCE_ALREADY_EXISTS"):
        client.create_experiment(name)
    client.delete_experiment(experiment_id)
    with refused("RESOURCE_ALREADY_EXISTS"):
        client.create_experiment(name)


def test_a_renamed_experiment_is_found_under_its_new_name(client: MlflowClient, name: str) -> None:
    experiment_id = client.create_experiment(name)
    client.rename_experiment(experiment_id, f"{name}-renamed")
    assert client.get_experiment_by_name(name) is None
    assert client.get_experiment_by_name(f"{name}-renamed").experiment_id == experiment_id


def test_tags_of_an_experiment_are_set_replaced_and_deleted(client: MlflowClient, experiment: str) -> None:
    client.set_experiment_tag(experiment, "a", "1")
    client.set_experiment_tag(experiment, "a", "2")
    client.set_experiment_tag(experiment, "b", "")
    assert client.get_experiment(experiment).tags == {"a": "2", "b": ""}
    client.delete_experiment_tag(experiment, "a")
    assert client.get_experiment(experiment).tags == {"b": ""}


def test_a_deleted_experiment_comes_back(client: MlflowClient, name: str) -> None:
    experiment_id = client.create_experiment(name)
    run_id = client.create_run(experiment_id).info.run_id
    client.delete_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "deleted"
    assert client.get_experiment_by_name(name).lifecycle_stage == "deleted"
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    with refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state"):
        client.log_metric(run_id, "loss", 1)
    with refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state"):
        client.log_param(run_id, "lr", 1)
    client.restore_experiment(experiment_id)
    assert client.get_experiment(experiment_id).lifecycle_stage == "active"
    assert client.get_run(run_id).info.lifecycle_stage == "active"


def test_deleting_or_restoring_twice_is_refused(client: MlflowClient, name: str) -> None:
    experiment_id = client.create_experiment(name)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.restore_experiment(experiment_id)
    client.delete_experiment(experiment_id)
    with refused("RESOURCE_DOES_NOT_EXIST"):
        client.delete_experiment(experiment_id)


def test_a_deleted_experiment_takes_no_run(client: MlflowClient, name: str) -> None:
    experiment_id = client.create_experiment(name)
    client.delete_experiment(experiment_id)
    with refused("INVALID_PARAMETER_VALUE", "must be in the 'active' state"):
        client.create_run(experiment_id)


def test_experiments_are_searched_by_name_tag_and_stage(client: MlflowClient, name: str) -> None:
    first, second = (client.create_experiment(f"{name}-{n}", tags={"n": str(n)}) for n in (1, 2))
    client.delete_experiment(second)

    def ids(view: int, more: str = "") -> list[str]:
        found = client.search_experiments(
            view_type=view, filter_string=f"name LIKE '{name}%'{more}", order_by=["name DESC"]
        )
        return [each.experiment_id for each in found]

    assert ids(ViewType.ACTIVE_ONLY) == [first]
    assert ids(ViewType.DELETED_ONLY) == [second]
    assert ids(ViewType.ALL) == [second, first]
    assert ids(ViewType.ALL, " AND tags.n = '1'") == [first]
    assert ids(ViewType.ALL, " AND name ILIKE 'TEST%-2'") == [second]


def test_experiments_are_paged(client: MlflowClient, name: str) -> None:
    made = [client.create_experiment(f"{name}-{n}") for n in range(5)]
    found, token, pages = [], None, 0
    while token or not pages:
        page = client.search_experiments(
            filter_string=f"name LIKE '{name}-%'", order_by=["name ASC"], max_results=2, page_token=token
        )
        found += [each.experiment_id for each in page]
        token, pages = page.token, pages + 1
    assert (found, pages) == (made, 3)


def test_a_bad_filter_of_experiments_is_told(client: MlflowClient) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_experiments(filter_string="name ~~ 'a'")
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_experiments(filter_string="nothing.such = 'a'")
