"""Raw requests that write, and reading back what they wrote."""

import json
import uuid
from typing import Any

from .api import BASE, FILES, Api
from .jobs import Job, Request, expect
from .raw_driver import Seen
from .workload import START_MS

BATCH = 1_000
BYTES = 20 * 1024 * 1024
TAGS = {"mlflow.user": "bench", "mlflow.source.name": "train.py", "mlflow.source.type": "LOCAL"}


def fresh(name: str) -> str:
    """A name that nothing has yet."""
    return f"{name} {uuid.uuid4().hex}"


def post(path: str, **body: Any) -> Request:
    """A request with a JSON body."""
    return ("POST", BASE + path, json.dumps(body))


def create_run(api: Api, clients: int, count: int) -> Job:
    """Create runs in one experiment, with the tags that the client sends."""
    experiment = api.experiment(fresh("create"))
    tags = [{"key": key, "value": value} for key, value in TAGS.items()]

    def requests(client: int) -> list[Request]:
        return [
            post(
                "runs/create",
                experiment_id=experiment,
                start_time=START_MS + number,
                run_name=f"run {client} {number}",
                tags=tags,
            )
            for number in range(count)
        ]

    def check(_: list[Seen]) -> None:
        check_created(api, experiment, {f"run {c} {n}" for c in range(clients) for n in range(count)})

    return Job([requests(client) for client in range(clients)], check)


def check_created(api: Api, experiment: str, names: set[str]) -> None:
    """Every run is there once, running, with its tags."""
    runs = api.all_runs(experiment)
    expect(sorted(run["info"]["run_name"] for run in runs), sorted(names), "runs created")
    for run in runs:
        found = {tag["key"]: tag["value"] for tag in run["data"]["tags"]}
        expect({key: found.get(key) for key in TAGS}, TAGS, "tags of a created run")
        expect(run["info"]["status"], "RUNNING", "status of a created run")


def log_metric(api: Api, clients: int, count: int) -> Job:
    """Log one value a request, each client into a run of its own."""
    runs = prepared_runs(api, "metric", clients)

    def requests(run_id: str) -> list[Request]:
        return [
            post("runs/log-metric", run_id=run_id, key="loss", value=n / 7, timestamp=START_MS + n, step=n)
            for n in range(count)
        ]

    def check(_: list[Seen]) -> None:
        for run_id in runs:
            check_points(api, run_id, "loss", [(n, n / 7) for n in range(count)])

    return Job([requests(run_id) for run_id in runs], check)


def log_batch(api: Api, clients: int, count: int, *, keys: int) -> Job:
    """Log 1,000 values a request, of 1 or of 10 keys."""
    runs = prepared_runs(api, f"batch of {keys}", clients)

    def requests(run_id: str) -> list[Request]:
        return [post("runs/log-batch", run_id=run_id, metrics=batch(keys, number)) for number in range(count)]

    def check(_: list[Seen]) -> None:
        for run_id in runs:
            for key in range(keys):
                numbers = range(key, BATCH * count, keys)
                check_points(api, run_id, f"metric_{key}", [(n // keys, n / 7) for n in numbers])

    return Job([requests(run_id) for run_id in runs], check)


def batch(keys: int, number: int) -> list[dict[str, Any]]:
    """The metrics of one batch."""
    return [
        {"key": f"metric_{n % keys}", "value": n / 7, "timestamp": START_MS + n, "step": n // keys}
        for n in range(number * BATCH, (number + 1) * BATCH)
    ]


def upload(api: Api, clients: int, count: int) -> Job:
    """Upload files of 20 MB, each under a name of its own."""
    folders = [artifact_folder(api) for _ in range(clients)]

    def check(_: list[Seen]) -> None:
        for folder in folders:
            expect(api.files(folder), {f"{n}.bin": BYTES for n in range(count)}, "files uploaded")

    clients_requests = [
        [("PUT", f"{FILES}{folder}/{n}.bin", BYTES) for n in range(count)] for folder in folders
    ]
    return Job(clients_requests, check)


def artifact_folder(api: Api) -> str:
    """The path of a fresh run's artifacts, as its URI tells it."""
    uri: str = api.run(api.experiment(fresh("files")))["artifact_uri"]
    return uri.removeprefix("mlflow-artifacts:/").lstrip("/")


def prepared_runs(api: Api, name: str, clients: int) -> list[str]:
    """A fresh run for each client."""
    experiment = api.experiment(fresh(name))
    return [api.run(experiment)["run_id"] for _ in range(clients)]


def check_points(api: Api, run_id: str, key: str, expected: list[tuple[int, float]]) -> None:
    """The history has exactly these steps and values, and the latest value is the last one's."""
    points = [(int(point["step"]), point["value"]) for point in api.history(run_id, key)]
    expect(len(points), len(expected), f"points of {key}")
    expect(sorted(points), expected, f"points of {key}")
    latest = {
        each["key"]: each["value"] for each in api.get("runs/get", run_id=run_id)["run"]["data"]["metrics"]
    }
    expect(latest[key], expected[-1][1], f"latest {key}")
