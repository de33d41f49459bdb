"""``POST /get-online-features`` by kept-alive clients, each a process."""

import json
import subprocess
import sys
from typing import Any
from urllib.parse import urlsplit

from analysis.benchmarks.features.results import Timing, timing
from analysis.benchmarks.features.workload import ENTITIES, feature_names, values, view_name
from analysis.benchmarks.tracking.jobs import WrongAnswerError
from analysis.benchmarks.tracking.raw_driver import Seen
from analysis.benchmarks.tracking.servers import ServerAddress

from .contenders import PROJECT

SIZE, WIDTH, CLIENTS = 10, 50, 4
SECONDS = 600


def over_http(server: ServerAddress, *, count: int, rounds: int) -> Timing:
    """10 entities x 50 features by 4 clients, each asking so often.

    Raises:
        WrongAnswerError: an answer is not what was written.
    """
    turns = [_turn(server, count) for _ in range(rounds)]
    walls = [max(each["ended"] for each in seen) - min(each["began"] for each in seen) for seen in turns]
    return timing([[second for each in seen for second in each["seconds"]] for seen in turns], walls=walls)


def _turn(server: ServerAddress, count: int) -> list[Seen]:
    turns = [range(client * 97, client * 97 + count * SIZE, SIZE) for client in range(CLIENTS)]
    starts = [[start % (ENTITIES - SIZE) for start in turn] for turn in turns]
    address = urlsplit(server.url)
    plan = {
        "host": address.hostname, "port": address.port, "keep": count,
        "headers": server.headers,
        "clients": [[("POST", "/get-online-features", _body(start)) for start in each] for each in starts],
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "analysis.benchmarks.tracking.raw_driver"],
        input=json.dumps(plan), cwd=PROJECT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise WrongAnswerError(f"the driver failed: {done.stderr[-2_000:]}")
    seen: list[Seen] = json.loads(done.stdout)
    rows = values(WIDTH)
    for each, asked in zip(seen, starts, strict=True):
        if each["errors"]:
            raise WrongAnswerError(f"{len(each['errors'])} errors, such as {each['errors'][0]}")
        for start, body in zip(asked, each["bodies"], strict=True):
            _check(json.loads(body), start, rows)
    return seen


def _body(start: int) -> str:
    return json.dumps(
        {
            "features": [f"{view_name(WIDTH)}:{name}" for name in feature_names(WIDTH)],
            "entities": {"customer_id": [f"C{number}" for number in range(start, start + SIZE)]},
        }
    )


def _check(answer: Any, start: int, rows: list[list[float]]) -> None:
    found = {
        name: column["values"]
        for name, column in zip(answer["metadata"]["feature_names"], answer["results"], strict=True)
    }
    for place, name in enumerate(feature_names(WIDTH)):
        if found[name] != [row[place] for row in rows[start : start + SIZE]]:
            raise WrongAnswerError(f"{name} of C{start} and following is not what was written.")
