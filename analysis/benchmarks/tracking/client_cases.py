"""The same work by the real client: what each client is told to do, and the checks."""

import hashlib
import json
import tempfile
from typing import Any

from .api import FILES, Api
from .jobs import Job, expect
from .raw_driver import Seen, filler
from .raw_reads import NUMBER, POINTS, described_run, experiment_of
from .raw_writes import BATCH, BYTES, TAGS, batch, check_created, check_points, fresh, prepared_runs
from .workload import METRICS, PARAMS, START_MS, metric_value, param_value, run_name, searches

TRAINING_KEYS = ("loss", "accuracy", "val_loss", "val_accuracy")
TRAINING_STEPS = 100


def _jobs(operation: str, count: int, arguments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"operation": operation, "count": count, **each} for each in arguments]


def create_run(api: Api, clients: int, count: int) -> Job:
    """``MlflowClient.create_run``."""
    experiment = api.experiment(fresh("create"))
    arguments = [{"experiment_id": experiment, "label": n, "tags": TAGS} for n in range(clients)]

    def check(_: list[Seen]) -> None:
        check_created(api, experiment, {f"run {c} {n}" for c in range(clients) for n in range(count)})

    return Job(_jobs("create_run", count, arguments), check)


def log_metric(api: Api, clients: int, count: int) -> Job:
    """``MlflowClient.log_metric``."""
    runs = prepared_runs(api, "metric", clients)

    def check(_: list[Seen]) -> None:
        for run_id in runs:
            check_points(api, run_id, "loss", [(n, n / 7) for n in range(count)])

    arguments = [{"run_id": run_id, "start_ms": START_MS} for run_id in runs]
    return Job(_jobs("log_metric", count, arguments), check)


def log_batch(api: Api, clients: int, count: int, *, keys: int) -> Job:
    """``MlflowClient.log_batch`` of 1,000 metrics."""
    runs = prepared_runs(api, f"batch of {keys}", clients)
    batches = [
        [(each["key"], each["value"], each["timestamp"], each["step"]) for each in batch(keys, number)]
        for number in range(count)
    ]

    def check(_: list[Seen]) -> None:
        for run_id in runs:
            for key in range(keys):
                numbers = range(key, BATCH * count, keys)
                check_points(api, run_id, f"metric_{key}", [(n // keys, n / 7) for n in numbers])

    return Job(_jobs("log_batch", count, [{"run_id": each, "batches": batches} for each in runs]), check)


def train(api: Api, clients: int, count: int) -> Job:
    """A whole training: 10 params, 400 metrics in 100 steps of 4, a tag, start and end."""
    experiment = api.experiment(fresh("training"))
    params = {key: param_value(NUMBER, key) for key in PARAMS}

    def check(seen: list[Seen]) -> None:
        for each in seen:
            for body in each["bodies"]:
                _check_training(api, json.loads(body), params)

    arguments = {
        "experiment_id": experiment,
        "params": params,
        "keys": TRAINING_KEYS,
        "steps": TRAINING_STEPS,
    }
    return Job(_jobs("train", count, [arguments] * clients), check, keep=count)


def _check_training(api: Api, run_id: str, params: dict[str, str]) -> None:
    run = api.get("runs/get", run_id=run_id)["run"]
    expect(run["info"]["status"], "FINISHED", "status of a training")
    expect({each["key"]: each["value"] for each in run["data"]["params"]}, params, "params of a training")
    tags = {each["key"]: each["value"] for each in run["data"]["tags"]}
    expect(tags.get("outcome"), "good", "tag of a training")
    for number, key in enumerate(TRAINING_KEYS):
        check_points(api, run_id, key, [(step, step / (number + 3)) for step in range(TRAINING_STEPS)])


def get_run(api: Api, clients: int, count: int) -> Job:
    """``MlflowClient.get_run``."""
    run_id = described_run(api, api.experiment(fresh("get")))
    expected = {
        "name": run_name(NUMBER),
        "metrics": {key: metric_value(NUMBER, key) for key in METRICS},
        "params": {key: param_value(NUMBER, key) for key in PARAMS},
    }

    def check(seen: list[Seen]) -> None:
        for each in seen:
            for body in each["bodies"]:
                expect(json.loads(body), expected, "run")

    return Job(_jobs("get_run", count, [{"run_id": run_id}] * clients), check, keep=count)


def history(api: Api, clients: int, count: int) -> Job:
    """``MlflowClient.get_metric_history`` of 10,000 points."""
    (run_id,) = prepared_runs(api, "history", 1)
    for number in range(POINTS // BATCH):
        api.post("runs/log-batch", run_id=run_id, metrics=batch(1, number))

    def check(seen: list[Seen]) -> None:
        for each in seen:
            for body in each["bodies"]:
                expect(json.loads(body), [[n, n / 7] for n in range(POINTS)], "history")

    return Job(_jobs("history", count, [{"run_id": run_id, "key": "metric_0"}] * clients), check, keep=count)


def search(api: Api, clients: int, count: int, *, size: int) -> Job:
    """``MlflowClient.search_runs``, one page."""
    mix = searches(count)
    arguments = {
        "experiment_id": experiment_of(api, size),
        "searches": [(each.filter_string, each.order_by) for each in mix],
    }

    def check(seen: list[Seen]) -> None:
        for each in seen:
            for asked, body in zip(mix, each["bodies"], strict=True):
                expect(json.loads(body), asked.expected(size), asked.filter_string)

    return Job(_jobs("search", count, [arguments] * clients), check, keep=count)


def paging(api: Api, clients: int, count: int, *, size: int) -> Job:
    """``MlflowClient.search_runs``, every page of 1,000."""
    arguments = {"experiment_id": experiment_of(api, size)}

    def check(seen: list[Seen]) -> None:
        for each in seen:
            for body in each["bodies"]:
                expect(json.loads(body), [run_name(n) for n in range(size, 0, -1)], "runs paged through")

    return Job(_jobs("walk", count, [arguments] * clients), check, keep=count)


def upload(api: Api, clients: int, count: int) -> Job:
    """``MlflowClient.log_artifact`` of 20 MB."""
    infos = [api.run(api.experiment(fresh("files"))) for _ in range(clients)]
    folder = tempfile.TemporaryDirectory()

    def check(_: list[Seen]) -> None:
        folder.cleanup()
        for info in infos:
            path = info["artifact_uri"].removeprefix("mlflow-artifacts:/").lstrip("/")
            expect(api.files(path), {f"{n}.bin": BYTES for n in range(count)}, "files uploaded")

    arguments = [{"run_id": info["run_id"], "bytes": BYTES, "folder": folder.name} for info in infos]
    return Job(_jobs("upload", count, arguments), check)


def download(api: Api, clients: int, count: int) -> Job:
    """``MlflowClient.download_artifacts`` of 20 MB."""
    info = api.run(api.experiment(fresh("files")))
    path = info["artifact_uri"].removeprefix("mlflow-artifacts:/").lstrip("/")
    data = filler(BYTES)
    api.put(f"{FILES}{path}/file.bin", data)
    folder = tempfile.TemporaryDirectory()

    def check(seen: list[Seen]) -> None:
        folder.cleanup()
        digest = hashlib.sha256(data).hexdigest()
        expect({body for each in seen for body in each["bodies"]}, {digest}, "file downloaded")

    arguments = {"run_id": info["run_id"], "path": "file.bin", "folder": folder.name}
    return Job(_jobs("download", count, [arguments] * clients), check, keep=count)
