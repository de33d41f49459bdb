"""Search of runs: MLflow's filters, orders, pages."""

import math

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

from tests.mlflow_client.refusal import refused


@pytest.fixture
def three(client: MlflowClient, experiment: str) -> dict[str, str]:
    """Name to id of runs that differ in everything."""
    made = {}
    for number, (name, loss) in enumerate({"alpha": 0.1, "beta": 0.5, "gamma": None}.items()):
        run = client.create_run(experiment, run_name=name, start_time=1_700_000_000_000 + number).info.run_id
        metrics = [Metric("loss", loss, 1, 0), Metric("val/loss", loss * 2, 1, 0)] if loss else []
        params = [Param("depth", str(number)), Param("opt.name", "Adam" if number else "sgd")]
        client.log_batch(run, metrics, params, [RunTag("team", name[0]), RunTag("my tag", "x y")])
        made[name] = run
    client.set_terminated(made["alpha"], "FINISHED", end_time=1_700_000_100_000)
    client.set_terminated(made["beta"], "FAILED", end_time=1_700_000_200_000)
    return made


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["alpha", "beta", "gamma"]),
        ("metrics.loss < 0.3", ["alpha"]),
        ("metrics.loss >= 0.1 and metrics.loss <= 0.5", ["alpha", "beta"]),
        ("metrics.loss != 0.1", ["beta"]),
        ("metrics.`val/loss` = 1.0", ["beta"]),
        ('metric."val/loss" > 0.3', ["beta"]),
        ("params.depth = '1'", ["beta"]),
        ("params.depth != '1'", ["alpha", "gamma"]),
        ("param.`opt.name` LIKE 'A%'", ["beta", "gamma"]),
        ("params.opt.name ILIKE 'a%'", ["beta", "gamma"]),
        ("tags.team = 'a'", ["alpha"]),
        ("tag.team != 'a' AND tags.`my tag` = 'x y'", ["beta", "gamma"]),
        ("attributes.status = 'FINISHED'", ["alpha"]),
        ("status != 'RUNNING'", ["alpha", "beta"]),
        ("run_name = 'gamma'", ["gamma"]),
        ("attributes.run_name LIKE '%a%' AND params.depth != '1'", ["alpha", "gamma"]),
        ("attributes.start_time > 1700000000000", ["beta", "gamma"]),
        ("end_time <= 1700000100000", ["alpha"]),
        ("tags.team = 'z'", []),
        ("metrics.nothing > 0", []),
        ("params.nothing != 'x'", []),
    ],
)
def test_a_filter_finds(
    client: MlflowClient, experiment: str, three: dict[str, str], words: str, names: list[str]
) -> None:
    found = client.search_runs([experiment], words, order_by=["attributes.start_time ASC"])
    assert [run.info.run_name for run in found] == names


def test_runs_are_found_by_their_ids(client: MlflowClient, experiment: str, three: dict[str, str]) -> None:
    ids = f"('{three['alpha']}', '{three['gamma']}')"
    found = client.search_runs([experiment], f"attributes.run_id IN {ids}", order_by=["start_time"])
    assert [run.info.run_id for run in found] == [three["alpha"], three["gamma"]]
    found = client.search_runs([experiment], f"run_id NOT IN {ids}")
    assert [run.info.run_id for run in found] == [three["beta"]]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ([], ["gamma", "beta", "alpha"]),
        (["metrics.loss ASC"], ["alpha", "beta", "gamma"]),
        (["metrics.loss DESC"], ["beta", "alpha", "gamma"]),
        (["params.`opt.name` DESC", "attributes.start_time ASC"], ["alpha", "beta", "gamma"]),
        (["tags.team DESC"], ["gamma", "beta", "alpha"]),
        (["attributes.run_name"], ["alpha", "beta", "gamma"]),
        (["attributes.end_time DESC"], ["beta", "alpha", "gamma"]),
        (["metrics.`val/loss` DESC", "start_time DESC"], ["beta", "alpha", "gamma"]),
    ],
)
def test_an_order_puts_what_has_no_value_last(
    client: MlflowClient, experiment: str, three: dict[str, str], order: list[str], names: list[str]
) -> None:
    assert [run.info.run_name for run in client.search_runs([experiment], order_by=order)] == names


def test_nan_comes_after_the_numbers_and_before_nothing(client: MlflowClient, experiment: str) -> None:
    values = {"one": 1.0, "nan": math.nan, "inf": math.inf, "low": -math.inf, "none": None}
    for name, value in values.items():
        run = client.create_run(experiment, run_name=name).info.run_id
        if value is not None:
            client.log_metric(run, "loss", value)

    def names(direction: str) -> list[str]:
        found = client.search_runs([experiment], order_by=[f"metrics.loss {direction}"])
        return [run.info.run_name for run in found]

    assert names("ASC") == ["low", "one", "inf", "nan", "none"]
    assert names("DESC") == ["inf", "one", "low", "nan", "none"]


def test_pages_hold_every_run_once(client: MlflowClient, experiment: str) -> None:
    made = [
        client.create_run(experiment, start_time=1_700_000_000_000 + n // 3).info.run_id for n in range(10)
    ]
    found: list[str] = []
    token = None
    while token or not found:
        page = client.search_runs([experiment], max_results=3, page_token=token)
        found += [run.info.run_id for run in page]
        token = page.token
        assert len(page) <= 3
    assert sorted(found) == sorted(made)
    assert len(found) == 10


def test_a_token_that_nobody_issued_is_refused(client: MlflowClient, experiment: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([experiment], page_token="forged")


def test_several_experiments_are_searched_at_once(client: MlflowClient, name: str) -> None:
    ids = [client.create_experiment(f"{name}-{n}") for n in range(2)]
    runs = [client.create_run(each).info.run_id for each in ids]
    assert {run.info.run_id for run in client.search_runs(ids)} == set(runs)
    assert {run.info.run_id for run in client.search_runs([ids[1]])} == {runs[1]}


def test_the_fluent_search_answers_a_data_frame(experiment: str, three: dict[str, str]) -> None:
    frame = mlflow.search_runs([experiment], order_by=["metrics.loss DESC"])
    assert list(frame["run_id"]) == [three["beta"], three["alpha"], three["gamma"]]
    assert list(frame["metrics.loss"].dropna()) == [0.5, 0.1]
    assert list(frame["params.opt.name"]) == ["Adam", "sgd", "Adam"]


def test_runs_are_found_by_their_dataset(client: MlflowClient, experiment: str, run: str) -> None:
    dataset = Dataset(name="iris", digest="abc", source_type="local", source="{}")
    client.log_inputs(run, [DatasetInput(dataset, [InputTag("mlflow.data.context", "train")])])
    for words in ("dataset.name = 'iris'", "dataset.digest = 'abc'", "dataset.context = 'train'"):
        assert [each.info.run_id for each in client.search_runs([experiment], words)] == [run]
    assert client.search_runs([experiment], "dataset.name = 'other'") == []


@pytest.mark.parametrize(
    "words",
    [
        "metrics.loss >< 3", "metrics.loss", "metrics.loss = ", "= 3", "nothing.such = 'a'", "params.a = ''; --",
        "metrics.loss = 'text'", "tags.a > 'b'", "attributes.nothing = 'x'",
    ],
)  # fmt: skip
def test_a_bad_filter_is_told(client: MlflowClient, experiment: str, words: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([experiment], words)


@pytest.mark.parametrize("order", ["nothing.such", "metrics.loss UP", "metrics.loss ASC DESC", "1; --"])
def test_a_bad_order_is_told(client: MlflowClient, experiment: str, order: str) -> None:
    with refused("INVALID_PARAMETER_VALUE"):
        client.search_runs([experiment], order_by=[order])
