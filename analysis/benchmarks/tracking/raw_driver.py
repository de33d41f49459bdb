"""Drives a server by raw kept-alive requests: ``python -m analysis.benchmarks.tracking.raw_driver``.

A process of its own, which reads a plan from standard input and writes what it saw to standard output, so
that making the requests and checking the answers costs the measurement nothing. Each client is a process
forked from it. Standard library only.
"""

import hashlib
import json
import re
import sys
import time
from functools import partial
from typing import Any, TypedDict

from .forks import run_together
from .http_lines import Answer, Connection

OK = 200
READY_SECONDS = 60
NAME = re.compile(rb'"run_name"\s*:\s*"([^"]*)"')
TOKEN = re.compile(rb'"next_page_token"\s*:\s*"([^"]+)"')


class Plan(TypedDict):
    """What to ask: for each client its requests as (method, path, body; a number stands for so many bytes).

    The method WALK follows the page tokens to the last page; it counts as one request.
    ``keep``: how many of each client's bodies to hand back; of the others only digest and length are kept.
    """

    host: str
    port: int
    headers: dict[str, str]
    clients: list[list[tuple[str, str, str | int | None]]]
    keep: int


class Seen(TypedDict):
    """What one client saw: seconds of each request, first start and last end by the monotonic clock."""

    seconds: list[float]
    began: float
    ended: float
    cpu_seconds: float
    errors: list[str]
    bodies: list[str]
    digests: list[str]
    lengths: list[int]


def filler(length: int) -> bytes:
    """So many bytes that do not compress, the same each time."""
    block = b"".join(hashlib.sha512(str(n).encode()).digest() for n in range(1024))
    return (block * (length // len(block) + 1))[:length]


def drive(plan: Plan) -> list[Seen]:
    """Drive all clients of a plan at once, each in a process of its own."""
    return run_together([partial(_ask_all, plan, requests) for requests in plan["clients"]])


def _ask_all(plan: Plan, requests: list[tuple[str, str, str | int | None]], ready: Any) -> Seen:
    """One client's part: warm the connection, wait for the others, ask."""
    connection = Connection(plan["host"], plan["port"], plan["headers"])
    asks = [_prepared(connection, *each) for each in requests]
    connection.ask("GET", "/version")
    seconds, answers = [], []
    ready.wait(READY_SECONDS)
    cpu, began = time.process_time(), time.monotonic()
    for ask in asks:
        start = time.perf_counter()
        answers.append(ask())
        seconds.append(time.perf_counter() - start)
    ended, cpu = time.monotonic(), time.process_time() - cpu
    return Seen(
        seconds=seconds,
        began=began,
        ended=ended,
        cpu_seconds=cpu,
        errors=[f"{each.status}: {each.body[:300]!r}" for each in answers if each.status != OK],
        bodies=[each.body.decode() for each in answers[: plan["keep"]]],
        digests=[hashlib.sha256(each.body).hexdigest() for each in answers],
        lengths=[len(each.body) for each in answers],
    )


def _prepared(connection: Connection, method: str, path: str, body: str | int | None) -> Any:
    if method == "WALK":
        return lambda: _walk(connection, path, json.loads(str(body)))
    data = filler(body) if isinstance(body, int) else body.encode() if body is not None else None
    packet = connection.packet(method, path, data)
    return lambda: connection.send(packet)


def _walk(connection: Connection, path: str, body: dict[str, Any]) -> Answer:
    """Follow the tokens; the answer's body is the names of all runs, one a line."""
    names: list[bytes] = []
    while True:
        answer = connection.ask("POST", path, json.dumps(body).encode())
        if answer.status != OK:
            return answer
        names += NAME.findall(answer.body)
        if not (token := TOKEN.search(answer.body)):
            return Answer(OK, b"\n".join(names))
        body["page_token"] = token[1].decode()


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
