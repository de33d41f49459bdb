"""Runs by filter, order and page, through the API."""

import math
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import (
    Dataset,
    Experiment,
    ExperimentPermission,
    Metric,
    Param,
    RunInput,
    RunTag,
    TrainingRun,
)
from registry.models.param import number_in
from tests.factories import DatasetFactory, ExperimentFactory, RunFactory, UserFactory

from .conftest import Mlflow


def make(experiment: Experiment, name: str, seconds: int = 0, **more: Any) -> TrainingRun:
    """A run with metrics, params and tags."""
    logged = {key: more.pop(key, {}) for key in ("metrics", "params", "tags")}
    run = RunFactory.create(experiment=experiment, name=name, **more)
    TrainingRun.objects.filter(pk=run.pk).update(
        started_at=f"2026-01-01 00:00:{seconds:02}.001Z", ended_at=None, status="RUNNING"
    )
    for key, value in logged["metrics"].items():
        numbers = [each for each in (value,) if not math.isnan(each)]
        Metric.objects.create(
            run=run, key=key, latest_value=value, latest_step=1, latest_timestamp_ms=2,
            min_value=min(numbers, default=None), max_value=max((*numbers, *[n + 1 for n in numbers]), default=None),
        )  # fmt: skip
    for key, value in logged["params"].items():
        Param.objects.create(run=run, key=key, value=value, value_number=number_in(value))
    for key, value in logged["tags"].items():
        RunTag.objects.create(run=run, key=key, value=value)
    return run


@pytest.fixture
def four(experiment: Experiment) -> Experiment:
    """Four runs; ``b`` is the newest."""
    make(
        experiment,
        "a",
        1,
        metrics={"auc": 0.9, "loss": 1.0},
        params={"lr": "0.01", "opt": "adam"},
        tags={"t": "x"},
    )
    make(experiment, "b", 4, metrics={"auc": 0.5}, params={"lr": "0.1", "opt": "sgd"}, tags={"t": "y"})
    make(experiment, "c", 2, metrics={"auc": math.nan}, params={"opt": "Adam", "lr": "auto"})
    make(experiment, "d", 3)
    return experiment


def names(mlflow: Mlflow, experiment: Experiment, **fields: Any) -> str:
    found = mlflow.post("runs/search", experiment_ids=[experiment.experiment_id], **fields)
    return "".join(run["info"]["run_name"] for run in found.get("runs", []))


FOUND = {
    "": "bdca",
    "metrics.auc > 0.5": "a",
    "metrics.auc >= 0.5": "ba",
    "metrics.auc <= 0.5": "b",
    "metrics.auc != 0.5": "ca",
    "metrics.auc = 0.9 AND metrics.loss < 2": "a",
    "metrics.auc IN (0.5, 0.9)": "ba",
    "metrics.auc IS NULL": "d",
    "metrics.auc.max > 1.6": "a",
    "metrics.`auc`.min < 0.6": "b",
    "metrics.auc.last = 0.9": "a",
    "params.opt = 'adam'": "a",
    "params.opt != 'adam'": "bc",
    "params.opt LIKE '%dam'": "ca",
    "params.opt ILIKE 'ADAM'": "ca",
    "params.opt IN ('adam', 'sgd')": "ba",
    "params.lr = '0.01'": "a",
    "params.lr = '0.010'": "",
    "params.lr < 0.05": "a",
    "params.lr = 0.10": "b",
    "params.lr != 0.1": "ca",
    "params.lr NOT IN (0.1, 0.01)": "c",
    "config.lr IS NOT NULL": "bca",
    "tags.t = 'x'": "a",
    "tags.t != 'x'": "b",
    "tags.t IS NULL": "dc",
    "NOT tags.t = 'x'": "bdc",
    "run_name = 'a' OR run_name IN ('b', 'c') AND params.opt = 'sgd'": "ba",
    "(run_name = 'a' OR run_name = 'b') AND params.opt = 'sgd'": "b",
    "start_time > 1767225602001": "bd",
    "start_time >= 1767225602001": "bdc",
    "start_time = 1767225602001": "c",
    "start_time != 1767225602001": "bda",
    "start_time < 1767225602001.5": "ca",
    "start_time IN (1767225601001, 1767225602001)": "ca",
    "end_time > 1e300": "",
    "status = 'RUNNING' AND user_id != 'nobody'": "bdca",
    "run_id = 'none'": "",
    "run_id != 'none'": "bdca",
    "run_id LIKE '%'": "bdca",
    "artifact_uri LIKE 'mlflow-artifacts:/%/artifacts'": "bdca",
    "tags.t = '%'' OR 1=1 --'": "",
    "params.opt LIKE '\\'": "",
}


def test_a_filter_finds_its_runs(mlflow: Mlflow, four: Experiment) -> None:
    assert {told: names(mlflow, four, filter=told) for told in FOUND} == FOUND


IN_ORDER = {
    ("metrics.auc",): "bacd",
    ("metrics.auc DESC",): "abcd",
    ("metrics.auc.max DESC",): "abdc",
    ("params.opt",): "cabd",
    ("params.opt DESC",): "bacd",
    ("tag.t DESC",): "badc",
    ("start_time",): "acdb",
    ("attribute.run_name desc",): "dcba",
    ("status", "metrics.loss", "run_name DESC"): "adcb",
    ("end_time", "user_id"): "bdca",
}


def test_an_order_puts_what_is_missing_last_page_by_page(mlflow: Mlflow, four: Experiment) -> None:
    assert {order: names(mlflow, four, order_by=order) for order in IN_ORDER} == IN_ORDER
    assert {order: paged_names(mlflow, four, order) for order in IN_ORDER} == IN_ORDER


def paged_names(mlflow: Mlflow, experiment: Experiment, order: Sequence[str]) -> str:
    """The same, a run a page."""
    found: str = ""
    token = ""
    while True:
        page = mlflow.post(
            "runs/search",
            experiment_ids=[experiment.experiment_id], order_by=order, max_results=1, page_token=token,
        )  # fmt: skip
        found += str(page["runs"][0]["info"]["run_name"])
        token = page.get("next_page_token", "")
        if not token:
            return found


def test_runs_of_the_same_start_are_paged_by_id(mlflow: Mlflow, experiment: Experiment) -> None:
    runs = sorted(make(experiment, "a").run_id for _ in range(5))
    found, token = [], ""
    while page := mlflow.post(
        "runs/search", experiment_ids=[experiment.experiment_id], max_results=2, page_token=token
    ):
        found += [run["info"]["run_id"] for run in page["runs"]]
        if not (token := page.get("next_page_token", "")):
            break
    assert found == runs


def test_a_run_comes_with_all_it_logged_in_one_statement(mlflow: Mlflow, experiment: Experiment) -> None:
    run = make(
        experiment,
        "a",
        metrics={"x": math.inf, "y": math.nan, "z": 0.5},
        params={"p": 'é"\n'},
        tags={"t": ""},
    )
    mlflow.get("runs/get", run_id=run.run_id)
    with CaptureQueriesContext(connection) as asked:
        found = mlflow.get("runs/get", run_id=run.run_id)["run"]
    assert len([each for each in asked.captured_queries if "get_run" in each["sql"]]) == 1
    assert len(asked) == 2  # the token, too
    point = {"timestamp": 2, "step": 1}
    assert found["data"] == {
        "metrics": [
            {"key": "x", "value": "Infinity"} | point,
            {"key": "y", "value": "NaN"} | point,
            {"key": "z", "value": 0.5} | point,
        ],
        "params": [{"key": "p", "value": 'é"\n'}],
        "tags": [{"key": "t", "value": ""}],
    }
    assert (found["inputs"]["dataset_inputs"][0]["tags"], found["outputs"]) == ([], {})
    info = found["info"]
    assert (info["run_id"], info["start_time"], info["status"]) == (run.run_id, 1767225600001, "RUNNING")
    assert info == mlflow.post("runs/search", experiment_ids=[experiment.experiment_id])["runs"][0]["info"]


def test_a_runs_datasets_are_its_inputs_and_can_be_searched(mlflow: Mlflow, experiment: Experiment) -> None:
    run = make(experiment, "a", dataset=None)
    iris: Dataset = DatasetFactory.create(given_name="iris", digest="d1", source_type="local", source="s")
    RunInput.objects.create(run=run, dataset=iris, context="train")
    tag = {"key": "mlflow.data.context", "value": "train"}
    dataset = {"name": "iris", "digest": "d1", "source_type": "local", "source": "s"}
    found = mlflow.get("runs/get", run_id=run.run_id)["run"]["inputs"]["dataset_inputs"]
    assert [(each["tags"], {key: each["dataset"][key] for key in dataset}) for each in found] == [
        ([tag], dataset)
    ]
    for told in ("dataset.name = 'iris'", "dataset.digest LIKE 'd%'", "dataset.context IN ('train')"):
        assert names(mlflow, experiment, filter=told) == "a"
    assert names(mlflow, experiment, filter="dataset.context = 'eval' OR dataset.name = 'x'") == ""


def test_a_view_chooses_the_lifecycle(mlflow: Mlflow, experiment: Experiment) -> None:
    make(experiment, "a", 1)
    make(experiment, "b", 2, lifecycle="deleted", deleted_at="2026-01-01T00:00:00Z")
    assert names(mlflow, experiment) == "a"
    assert names(mlflow, experiment, run_view_type="DELETED_ONLY") == "b"
    assert names(mlflow, experiment, run_view_type=3) == "ba"
    Experiment.objects.filter(pk=experiment.pk).update(lifecycle="deleted", deleted_at="2026-01-01T00:00:00Z")
    assert names(mlflow, experiment) == ""
    assert names(mlflow, experiment, run_view_type="DELETED_ONLY") == "ba"


def test_several_experiments_are_searched_and_none_finds_nothing(
    mlflow: Mlflow, experiment: Experiment
) -> None:
    other = ExperimentFactory.create(created_by=mlflow.user)
    make(experiment, "a", 1)
    make(other, "b", 2)
    both = [experiment.experiment_id, other.experiment_id, "0", "17"]
    found = mlflow.post("runs/search", experiment_ids=both)
    assert [run["info"]["run_name"] for run in found["runs"]] == ["b", "a"]
    assert mlflow.post("runs/search", experiment_ids=[]) == {}


def test_runs_of_experiments_that_the_user_may_not_read_are_not_there(mlflow: Mlflow, mlflow_of: Any) -> None:
    hidden = ExperimentFactory.create(created_by=mlflow.user)
    run = make(hidden, "a")
    stranger = UserFactory.create()
    ExperimentPermission.objects.create(experiment=hidden, user=stranger, level="NO_PERMISSIONS")
    theirs = mlflow_of(stranger)
    assert names(mlflow, hidden) == "a"
    assert names(theirs, hidden) == ""
    missing = (404, "RESOURCE_DOES_NOT_EXIST", f"Run with id={run.run_id} not found")
    assert theirs.refused("GET", "runs/get", {"run_id": run.run_id}) == missing


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"filter": "' OR 1=1--"}, "This quote is not closed"),
    ({"filter": "x = 1 AND " * 1_500 + "x = 1"}, "Invalid attribute key 'x'"),
    ({"order_by": ["metrics.a", "metrics.a DESC"]}, "duplicate fields"),
    ({"order_by": ["dataset.name"]}, "not sorted by"),
    ({"max_results": 0}, "positive integer"),
    ({"max_results": 50_001}, "at most 50000"),
    ({"page_token": "eyJvZmZzZXQiOiAxfQ=="}, "Invalid page token"),
    ({"run_view_type": "SOME"}, "Invalid value 'SOME' for parameter 'run_view_type'"),
]


def test_a_wrong_search_is_refused(mlflow: Mlflow, experiment: Experiment) -> None:
    for fields, why in REFUSED:
        asked = {"experiment_ids": [experiment.experiment_id]} | fields
        status, code, message = mlflow.refused("POST", "runs/search", asked)
        assert (status, code, why in message) == (400, "INVALID_PARAMETER_VALUE", True), message


def test_a_page_token_is_good_for_its_own_search_only(mlflow: Mlflow, four: Experiment) -> None:
    fields = {"experiment_ids": [four.experiment_id], "max_results": 1}
    token = mlflow.post("runs/search", **fields)["next_page_token"]
    other = fields | {"page_token": token, "order_by": ["metrics.auc"]}
    status, _, message = mlflow.refused("POST", "runs/search", other)
    assert (status, "other fields" in message) == (400, True)
    forged = fields | {"page_token": token[:-2] + ("aa" if token[-2:] != "aa" else "bb")}
    assert mlflow.refused("POST", "runs/search", forged)[0] == 400
