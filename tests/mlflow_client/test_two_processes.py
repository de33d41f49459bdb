"""Several processes that log into one run."""

import os
import subprocess
import sys

import mlflow
from mlflow import MlflowClient

WRITER = """
import sys, mlflow
from mlflow import MlflowClient
from mlflow.entities import Metric
run_id, name = sys.argv[1:]
client = MlflowClient()
for step in range(40):
    client.log_metric(run_id, f"own {name}", step, step=step, timestamp=step)
    client.log_metric(run_id, "shared", float(step), step=step, timestamp=int(name))
client.log_batch(run_id, [Metric(f"batch {n}", n, 1, 0) for n in range(100)])
client.log_param(run_id, f"p {name}", name)
client.log_param(run_id, "same", "value")
client.set_tag(run_id, "last", name)
client.log_text(run_id, name * 1000, f"{name}.txt")
"""


def test_two_processes_log_into_one_run(client: MlflowClient, run: str) -> None:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri()}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, run, name], env=environment) for name in ("1", "2")
    ]
    assert [writer.wait(timeout=100) for writer in writers] == [0, 0]
    data = client.get_run(run).data
    assert data.params == {"p 1": "1", "p 2": "2", "same": "value"}
    assert data.tags["last"] in {"1", "2"}
    assert {key: data.metrics[key] for key in ("own 1", "own 2", "shared", "batch 99")} == {
        "own 1": 39.0, "own 2": 39.0, "shared": 39.0, "batch 99": 99.0,
    }  # fmt: skip
    assert len(client.get_metric_history(run, "shared")) == 80
    assert [each.path for each in client.list_artifacts(run)] == ["1.txt", "2.txt"]


def test_of_two_processes_that_disagree_on_a_param_one_is_told(client: MlflowClient, run: str) -> None:
    environment = {**os.environ, "MLFLOW_TRACKING_URI": mlflow.get_tracking_uri()}
    code = "import sys; from mlflow import MlflowClient; MlflowClient().log_param(sys.argv[1], 'lr', sys.argv[2])"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, run, name], env=environment, stderr=subprocess.PIPE, text=True
        )
        for name in ("1", "2")
    ]
    errors = [writer.communicate(timeout=100)[1] for writer in writers]
    assert sorted(writer.returncode for writer in writers) == [0, 1]
    assert sum("Changing param values is not allowed" in error for error in errors) == 1
    assert client.get_run(run).data.params["lr"] in {"1", "2"}
