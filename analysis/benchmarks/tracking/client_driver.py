"""Drives a server by the real mlflow client: run by the Python that has it, see ``raw_driver``.

``mlflow`` and the standard library only. Each client is a process; what it says is what ``raw_driver`` says.
"""

import contextlib
import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .forks import run_together
from .raw_driver import READY_SECONDS, Seen, filler

with contextlib.redirect_stdout(sys.stderr):
    import mlflow
    from mlflow import MlflowClient
    from mlflow.entities import Metric

Action = Callable[[int], Any]


def create_run(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.create_run``; tells the run's id."""
    experiment, label, tags = arguments["experiment_id"], arguments["label"], arguments["tags"]

    def act(number: int) -> str:
        run = client.create_run(experiment, tags=tags, run_name=f"run {label} {number}")
        run_id: str = run.info.run_id
        return run_id

    return act


def log_metric(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.log_metric``."""
    run_id, start = arguments["run_id"], arguments["start_ms"]
    return lambda number: client.log_metric(run_id, "loss", number / 7, timestamp=start + number, step=number)


def log_batch(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.log_batch`` of metrics, as (key, value, timestamp, step)."""
    run_id = arguments["run_id"]
    batches = [[Metric(*metric) for metric in batch] for batch in arguments["batches"]]
    return lambda number: client.log_batch(run_id, metrics=batches[number])


def train(_: MlflowClient, arguments: dict[str, Any]) -> Action:
    """A training by the fluent API: params, metrics step by step, a tag; tells the run's id."""
    params, keys, steps = arguments["params"], arguments["keys"], arguments["steps"]

    def act(number: int) -> str:
        with mlflow.start_run(experiment_id=arguments["experiment_id"], run_name=f"training {number}") as run:
            mlflow.log_params(params)
            for step in range(steps):
                mlflow.log_metrics({key: step / (n + 3) for n, key in enumerate(keys)}, step=step)
            mlflow.set_tag("outcome", "good")
        run_id: str = run.info.run_id
        return run_id

    return act


def get_run(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.get_run``; tells the run."""
    return lambda _: _told(client.get_run(arguments["run_id"]))


def history(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.get_metric_history``; tells steps and values."""

    def act(_: int) -> list[tuple[int, float]]:
        points = client.get_metric_history(arguments["run_id"], arguments["key"])
        return [(point.step, point.value) for point in points]

    return act


def search(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.search_runs``; tells the names of one page."""

    def act(number: int) -> list[str]:
        mix = arguments["searches"][number]
        found = client.search_runs([arguments["experiment_id"]], mix[0], max_results=100, order_by=mix[1])
        return [run.info.run_name for run in found]

    return act


def walk(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.search_runs`` page by page; tells all names."""

    def act(_: int) -> list[str]:
        names: list[str] = []
        token = None
        while True:
            page = client.search_runs([arguments["experiment_id"]], max_results=1_000, page_token=token)
            names += [run.info.run_name for run in page]
            if not (token := page.token):
                return names

    return act


def upload(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.log_artifact`` of files of so many bytes."""
    folder = Path(tempfile.mkdtemp(dir=arguments["folder"]))
    data = filler(arguments["bytes"])

    def act(number: int) -> None:
        client.log_artifact(arguments["run_id"], str(files[number]))

    files = [folder / f"{number}.bin" for number in range(arguments["count"])]
    for file in files:
        file.write_bytes(data)
    return act


def download(client: MlflowClient, arguments: dict[str, Any]) -> Action:
    """``MlflowClient.download_artifacts``; tells the file's digest."""
    folder = tempfile.mkdtemp(dir=arguments["folder"])

    def act(_: int) -> str:
        path = client.download_artifacts(arguments["run_id"], arguments["path"], folder)
        return str(path)

    return act


OPERATIONS: dict[str, Callable[[MlflowClient, dict[str, Any]], Action]] = {
    each.__name__: each
    for each in (
        create_run, log_metric, log_batch, train, get_run, history, search, walk, upload, download
    )
}  # fmt: skip


def ask_all(arguments: dict[str, Any], keep: int, ready: Any) -> Seen:
    """One client's part: make a connection, wait for the others, act."""
    client = MlflowClient()
    client.get_experiment_by_name("Default")
    act = OPERATIONS[arguments["operation"]](client, arguments)
    seconds, told, errors = [], [], []
    ready.wait(READY_SECONDS)
    cpu, began = time.process_time(), time.monotonic()
    for number in range(arguments["count"]):
        start = time.perf_counter()
        try:
            told.append(act(number))
        except Exception as error:  # noqa: BLE001 (whatever the client says is told)
            errors.append(repr(error)[:300])
        seconds.append(time.perf_counter() - start)
    ended, cpu = time.monotonic(), time.process_time() - cpu
    texts = [_text(arguments["operation"], each) for each in told]
    return Seen(
        seconds=seconds,
        began=began,
        ended=ended,
        cpu_seconds=cpu,
        errors=errors,
        bodies=texts[:keep],
        digests=[hashlib.sha256(each.encode()).hexdigest() for each in texts],
        lengths=[len(each) for each in texts],
    )


def _text(operation: str, told: Any) -> str:
    """A download is told by its digest, taken when the clock has stopped."""
    if operation == "download":
        return hashlib.sha256(Path(told).read_bytes()).hexdigest()
    return json.dumps(told)


def _told(run: Any) -> dict[str, Any]:
    data = run.data
    return {"name": run.info.run_name, "metrics": data.metrics, "params": data.params}


def main() -> None:
    """Read the plan, drive, write what was seen."""
    plan = json.load(sys.stdin)
    os.environ.update({"MLFLOW_TRACKING_URI": plan["url"], "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0"})
    os.environ.update({"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false"})
    if plan["token"]:
        os.environ["MLFLOW_TRACKING_TOKEN"] = plan["token"]
    mlflow.set_tracking_uri(plan["url"])
    with contextlib.redirect_stdout(sys.stderr):
        seen = run_together([partial(ask_all, each, plan["keep"]) for each in plan["clients"]])
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
