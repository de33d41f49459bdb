"""Raw requests that read, and what they must answer."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

from .api import BASE, FILES, Api
from .jobs import Job, Request, WrongAnswerError, expect
from .raw_driver import Seen, filler
from .raw_writes import BATCH, BYTES, artifact_folder, batch, fresh, post, prepared_runs
from .workload import (
    METRICS,
    PARAMS,
    SEARCH_PAGE,
    START_MS,
    WALK_PAGE,
    metric_value,
    param_value,
    run_name,
    searches,
)

POINTS = 10_000
NUMBER = 7


def described_run(api: Api, experiment: str, number: int = NUMBER) -> str:
    """A run with every param, metric and tag of the workload; returns its id."""
    run_id: str = api.run(experiment, run_name=run_name(number), start_time=START_MS)["run_id"]
    api.post(
        "runs/log-batch",
        run_id=run_id,
        metrics=[
            {"key": key, "value": metric_value(number, key), "timestamp": START_MS, "step": 0}
            for key in METRICS
        ],
        params=[{"key": key, "value": param_value(number, key)} for key in PARAMS],
        tags=[{"key": f"team.{n}", "value": f"value {n}"} for n in range(4)],
    )
    api.post("runs/update", run_id=run_id, status="FINISHED", end_time=START_MS + 60_000)
    return run_id


def check_run(run: dict[str, Any], number: int) -> None:
    """A run tells the metrics and params of its number."""
    data = run["data"]
    expect(run["info"]["run_name"], run_name(number), "name of the run")
    expect(
        {each["key"]: each["value"] for each in data["metrics"]},
        {key: metric_value(number, key) for key in METRICS},
        "metrics of the run",
    )
    expect(
        {each["key"]: each["value"] for each in data["params"]},
        {key: param_value(number, key) for key in PARAMS},
        "params of the run",
    )


def get_run(api: Api, clients: int, count: int) -> Job:
    """Get one run with 10 metrics, 10 params and its tags."""
    run_id = described_run(api, api.experiment(fresh("get")))

    def check(seen: list[Seen]) -> None:
        for each in seen:
            check_run(json.loads(each["bodies"][0])["run"], NUMBER)
            _check_lengths(each)

    return Job([[("GET", f"{BASE}runs/get?run_id={run_id}", None)] * count] * clients, check, keep=1)


def history(api: Api, clients: int, count: int) -> Job:
    """Get the 10,000 points of one metric, as the client asks for them."""
    (run_id,) = prepared_runs(api, "history", 1)
    for number in range(POINTS // BATCH):
        api.post("runs/log-batch", run_id=run_id, metrics=batch(1, number))
    query = urlencode({"run_id": run_id, "metric_key": "metric_0", "max_results": 25_000})

    def check(seen: list[Seen]) -> None:
        for each in seen:
            points = json.loads(each["bodies"][0])["metrics"]
            found = [(int(point["step"]), int(point["timestamp"]), point["value"]) for point in points]
            expect(found, [(n, START_MS + n, n / 7) for n in range(POINTS)], "history")
            _check_lengths(each)

    return Job([[("GET", f"{BASE}metrics/get-history?{query}", None)] * count] * clients, check, keep=1)


def search(api: Api, clients: int, count: int, *, size: int) -> Job:
    """Search by a metric and a param among ``size`` runs."""
    experiment = experiment_of(api, size)
    mix = searches(count)
    requests = [
        post(
            "runs/search",
            experiment_ids=[experiment],
            filter=each.filter_string,
            order_by=each.order_by,
            max_results=SEARCH_PAGE,
        )
        for each in mix
    ]

    def check(seen: list[Seen]) -> None:
        for each in seen:
            for asked, body in zip(mix, each["bodies"], strict=True):
                check_found(json.loads(body).get("runs", []), asked.expected(size), asked.filter_string)

    return Job([requests] * clients, check, keep=count)


def check_found(runs: list[dict[str, Any]], names: list[str], what: str) -> None:
    """The runs are those, in that order, and the first is told whole."""
    expect([run["info"]["run_name"] for run in runs], names, what)
    if runs:
        check_run(runs[0], int(names[0].removeprefix("run-")))


def paging(api: Api, clients: int, count: int, *, size: int) -> Job:
    """Walk through all runs, 1,000 a page."""
    experiment = experiment_of(api, size)
    body = {"experiment_ids": [experiment], "max_results": WALK_PAGE}
    request: Request = ("WALK", f"{BASE}runs/search", json.dumps(body))

    def check(seen: list[Seen]) -> None:
        for each in seen:
            names = [name for walk in each["bodies"] for name in walk.split()]
            expect(names, [run_name(number) for number in range(size, 0, -1)] * count, "runs paged through")

    return Job([[request] * count] * clients, check, keep=count)


def download(api: Api, clients: int, count: int) -> Job:
    """Download a file of 20 MB."""
    path = f"{FILES}{artifact_folder(api)}/file.bin"
    data = filler(BYTES)
    api.put(path, data)

    def check(seen: list[Seen]) -> None:
        for each in seen:
            expect(set(each["digests"]), {hashlib.sha256(data).hexdigest()}, "file downloaded")

    return Job([[("GET", path, None)] * count] * clients, check)


def experiment_of(api: Api, size: int) -> str:
    """The id of the experiment that was filled with so many runs."""
    found = api.get("experiments/get-by-name", experiment_name=filled_name(size))
    experiment_id: str = found["experiment"]["experiment_id"]
    return experiment_id


def filled_name(size: int) -> str:
    """The name of the experiment with so many runs."""
    return f"filled with {size}"


def _check_lengths(seen: Seen) -> None:
    """Every answer is as long as the checked one (keys may stand in another order)."""
    if len(set(seen["lengths"])) != 1:
        raise WrongAnswerError(
            f"answers to one question differ in length: {sorted(set(seen['lengths']))[:5]}"
        )
