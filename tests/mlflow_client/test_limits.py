"""How much one request may carry; the client splits what is longer, so these ask the store below it."""

import mlflow
import pytest
import requests
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag

from tests.mlflow_client.platform_site import Site
from tests.mlflow_client.refusal import refused


def test_long_lists_are_split_by_the_client_and_arrive(client: MlflowClient, experiment: str) -> None:
    with mlflow.start_run() as active:
        mlflow.log_params({f"p{n}": n for n in range(250)})
        mlflow.set_tags({f"t{n}": n for n in range(250)})
        mlflow.log_metrics({f"m{n}": n for n in range(2_500)})
    data = client.get_run(active.info.run_id).data
    assert (len(data.params), len(data.metrics)) == (250, 2_500)
    assert sum(1 for key in data.tags if key.startswith("t")) == 250


def test_a_thousand_of_all_kinds_fit(client: MlflowClient, run: str) -> None:
    client.log_batch(
        run,
        metrics=[Metric(f"m{n}", n, 1, 0) for n in range(800)],
        params=[Param(f"p{n}", "1") for n in range(100)],
        tags=[RunTag(f"t{n}", "1") for n in range(100)],
    )
    assert len(client.get_run(run).data.metrics) == 800


@pytest.mark.parametrize(
    ("kind", "many"),
    [
        ("metrics", [{"key": f"m{n}", "value": 1, "timestamp": 1, "step": 0} for n in range(1_001)]),
        ("params", [{"key": f"p{n}", "value": "1"} for n in range(101)]),
        ("tags", [{"key": f"t{n}", "value": "1"} for n in range(101)]),
    ],
)
def test_more_is_refused(
    site: Site, client: MlflowClient, run: str, kind: str, many: list[dict[str, object]]
) -> None:
    answer = requests.post(
        f"{site.url}/api/2.0/mlflow/runs/log-batch", json={"run_id": run, kind: many}, timeout=30,
        headers={"Authorization": f"Bearer {site.tokens.get('ada', '')}"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    data = client.get_run(run).data
    assert (data.metrics, data.params) == ({}, {})


def test_pages_have_a_largest_size(client: MlflowClient, experiment: str) -> None:
    assert client.search_runs([experiment], max_results=50_000) == []
    with refused("INVALID_PARAMETER_VALUE", "max_results"):
        client.search_runs([experiment], max_results=50_001)
    with refused("INVALID_PARAMETER_VALUE", "max_results"):
        client.search_experiments(max_results=50_001)
