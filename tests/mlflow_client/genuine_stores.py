"""A store of MLflow's own, written by ``mlflow`` itself: everything that an import is to bring across."""

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from sklearn.linear_model import LogisticRegression

PROJECT = Path(__file__).resolve().parents[2]
POINTS = 10_000
BATCH = 1_000
DATASET_STEP = 4
FRAME = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "y": [0, 0, 1, 1]})


@contextmanager
def tracking_in(uri: str) -> Iterator[MlflowClient]:
    """Fluent calls go to this store meanwhile."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(uri)
    try:
        yield MlflowClient()
    finally:
        mlflow.set_tracking_uri(before)


def write_store(uri: str, folder: Path, name: str) -> None:
    """Experiments, nested and deleted runs, long histories, datasets, models; names begin with ``name``.

    By a process of its own, as a training script would: an active model or autologging that other
    tests left would log more than is meant.

    Args:
        folder: where the artifacts of a database go.
    """
    command = [sys.executable, "-m", "tests.mlflow_client.genuine_stores", uri, str(folder), name]
    own = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    subprocess.run(command, cwd=PROJECT, env=own | {"MLFLOW_ALLOW_FILE_STORE": "true"}, check=True)


def _write(uri: str, folder: Path, name: str) -> None:
    with tracking_in(uri) as client:
        location = None if uri.startswith("file:") else (folder / "mlartifacts" / name).as_uri()
        first = client.create_experiment(f"{name}-first", location, tags={"team": "wine", "a/b": "ü\n2"})
        outer = _nested_runs(first, name)
        _long_history(client, first)
        _endings(client, first)
        _registry(client, name, outer)
        second = client.create_experiment(f"{name}-gone", location, tags={"why": "old"})
        client.log_metric(client.create_run(second, run_name="in the bin").info.run_id, "loss", 1)
        client.delete_experiment(second)


def _nested_runs(experiment: str, name: str) -> str:
    """A run with everything, and three runs inside; the id of the outer one."""
    rows = mlflow.data.from_pandas(FRAME, name="rows", targets="y")
    with mlflow.start_run(experiment_id=experiment, run_name="outer") as outer:
        mlflow.log_params({"model.layers": "[64, 32]", "lr": 0.1, "empty": "", "long": "x" * 5_000, "ü": "é"})
        mlflow.set_tags({"note": "words\nof two lines", "team/name": "wine"})
        mlflow.log_input(rows, context="training", tags={"split": "1"})
        mlflow.log_input(mlflow.data.from_pandas(FRAME.head(2), name="rows"), context="test")
        mlflow.log_text("some words", "notes/words.txt")
        mlflow.log_dict({"a": [1, 2]}, "config.json")
        for number in range(3):
            with mlflow.start_run(experiment_id=experiment, run_name=f"inner {number}", nested=True):
                mlflow.log_param("number", number)
                mlflow.log_metrics({"accuracy": 0.5 + number / 10, "loss": 1 / (number + 1)}, step=number)
        model = LogisticRegression().fit(FRAME[["x"]], FRAME["y"])
        made = mlflow.sklearn.log_model(
            model, name="forest", registered_model_name=f"{name}-wine", pip_requirements=["scikit-learn"]
        )
        mlflow.log_metric("accuracy", 0.75, step=DATASET_STEP, model_id=made.model_id, dataset=rows)
    return str(outer.info.run_id)


def _long_history(client: MlflowClient, experiment: str) -> None:
    """Ten thousand points, some that are no number, some at the same step."""
    run = client.create_run(
        experiment, run_name="long", tags={"kind": "history"}, start_time=1_790_000_000_000
    )
    run_id = run.info.run_id
    points = [
        Metric("loss", math.nan if n % 1_000 == 500 else 1 / (n + 3), 1_790_000_000_000 + n, n - 5)
        for n in range(POINTS)
    ]
    for start in range(0, POINTS, BATCH):
        client.log_batch(run_id, metrics=points[start : start + BATCH])
    odd = [
        Metric("odd/inf", math.inf, 1, 0),
        Metric("odd/inf", -math.inf, 1, 1),
        Metric("odd/nan", math.nan, 1, 0),
    ]
    same = [Metric("same step", value, 5, 7) for value in (2, 9, 4)]
    client.log_batch(run_id, [*odd, *same], [Param("a", "1"), Param("a.b", "2")], [RunTag("t", "")])
    client.set_terminated(run_id, "FINISHED", end_time=1_790_000_100_000)


def _endings(client: MlflowClient, experiment: str) -> None:
    """A run in each state, and one in the bin."""
    for status in ("FAILED", "KILLED"):
        client.set_terminated(client.create_run(experiment, run_name=status).info.run_id, status)
    for status in ("FINISHED", "SCHEDULED"):  # the first without an end
        client.update_run(client.create_run(experiment, run_name=status).info.run_id, status=status)
    client.create_run(experiment, run_name="running")
    deleted = client.create_run(experiment, run_name="deleted").info.run_id
    client.log_metric(deleted, "loss", 3)
    client.delete_run(deleted)


def _registry(client: MlflowClient, name: str, run_id: str) -> None:
    """A second version made of a run's files, aliases, tags, a stage, a deleted version, a prompt."""
    model = f"{name}-wine"
    client.update_registered_model(model, "red and white")
    client.set_registered_model_tag(model, "grape", "merlot")
    tags, words = {"n": "2"}, "of files"
    client.create_model_version(model, f"runs:/{run_id}/notes", run_id, tags=tags, description=words)
    third = client.create_model_version(model, f"runs:/{run_id}/notes", run_id)
    client.delete_model_version(model, third.version)
    client.set_registered_model_alias(model, "champion", "1")
    client.set_registered_model_alias(model, "files", "2")
    client.transition_model_version_stage(model, "1", "Production")
    client.create_registered_model(f"{name}-empty")
    mlflow.genai.register_prompt(f"{name}-prompt", "Say {{word}} once")


if __name__ == "__main__":
    _write(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
