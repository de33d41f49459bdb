"""What is no job of this platform is refused in MLflow's words, at once."""

import time
from collections.abc import Callable

import mlflow
import pytest
import requests
from mlflow import MlflowClient

from tests.mlflow_client.platform_site import OurSite
from tests.mlflow_client.refusal import refused

pytestmark = pytest.mark.ours
CALLS: dict[str, Callable[[], object]] = {
    "traces": lambda: mlflow.search_traces(locations=["0"]),
    "webhooks": lambda: MlflowClient().list_webhooks(),
    "evaluation datasets": lambda: mlflow.genai.datasets.create_dataset(name="d", experiment_id="0"),
    "scorers": lambda: mlflow.genai.list_scorers(experiment_id="0"),
    "feedback": lambda: mlflow.log_feedback(trace_id="tr-1", name="a", value=1),
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.usefixtures("site")
def test_a_call_is_refused_as_not_implemented(call: str) -> None:
    began = time.monotonic()
    with refused("NOT_IMPLEMENTED"):
        CALLS[call]()
    assert time.monotonic() - began < 30


def test_traced_code_runs_on(experiment: str) -> None:
    @mlflow.trace
    def twice(number: int) -> int:
        return 2 * number

    with mlflow.start_run() as active:
        assert twice(21) == 42
        mlflow.log_metric("after", 1)
    mlflow.flush_trace_async_logging()
    assert mlflow.get_run(active.info.run_id).data.metrics == {"after": 1.0}


def test_the_server_says_what_it_is(ours: OurSite) -> None:
    assert requests.get(f"{ours.url}/health", timeout=10).text == "OK"
    assert requests.get(f"{ours.url}/version", timeout=10).text == mlflow.__version__
    headers = {"Authorization": f"Bearer {ours.tokens['ada']}"}
    info = requests.get(f"{ours.url}/api/3.0/mlflow/server-info", headers=headers, timeout=10).json()
    assert (info["store_type"], info["workspaces_enabled"]) == ("SqlStore", False)
