"""Clients that log, and browsers' ends that follow; each a process, without Django."""

import json
import re
import selectors
import socket
import threading
import time
from dataclasses import dataclass

from analysis.benchmarks.tracking.http_lines import Connection

HOST = "127.0.0.1"
LOG = "/api/2.0/mlflow/runs/log-metric"
KEY = "m0"
STEP = re.compile(
    rf'<th scope=\\"row\\">{KEY}</th>.*?<td class=\\"num\\">[^<]*</td>[^<]*'
    r'(?:\\n| )*<td class=\\"num\\">([0-9,]+)</td>'.encode(),
    re.DOTALL,
)
GRACE_SECONDS = 1.5


@dataclass(frozen=True)
class Load:
    """What is asked of the clients: ``per_second`` in all, 0 for as fast as they can."""

    clients: int
    per_second: float
    seconds: float


@dataclass(frozen=True)
class Logged:
    """Seconds that each request took, and when (monotonic) the answer to each step of the first key came."""

    took: list[float]
    steps: list[tuple[int, float]]


@dataclass(frozen=True)
class Followed:
    """When (monotonic) which step was first told; events and bytes of all watchers."""

    steps: list[tuple[int, float]]
    events: int
    received: int
    open_at_the_end: int


def log_metrics(port: int, token: str, run_id: str, load: Load) -> Logged:
    """Log on kept connections, each client its own key."""
    took: list[list[float]] = [[] for _ in range(load.clients)]
    steps: list[tuple[int, float]] = []
    until = time.monotonic() + load.seconds

    def client(place: int) -> None:
        pause = load.clients / load.per_second if load.per_second else 0.0
        with Connection(HOST, port, {"Authorization": f"Bearer {token}"}) as connection:
            step, due = 0, time.monotonic() + pause * place / load.clients
            while (now := time.monotonic()) < until:
                if now < due:
                    time.sleep(due - now)
                due += pause
                body = _point(run_id, f"m{place}", step)
                began = time.monotonic()
                answer = connection.ask("POST", LOG, body)
                ended = time.monotonic()
                if answer.status != 200:  # noqa: PLR2004
                    raise RuntimeError(answer.body[:300])
                took[place].append(ended - began)
                if place == 0:
                    steps.append((step, ended))
                step += 1

    threads = [threading.Thread(target=client, args=(place,)) for place in range(load.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Logged([each for one in took for each in one], steps)


def follow(port: int, cookie: str, path: str, watchers: int, seconds: float) -> Followed:
    """Keep so many streams open for so long; the first one's events are read, the others' counted."""
    selector = selectors.DefaultSelector()
    head = f"GET {path} HTTP/1.0\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n".encode()
    for place in range(watchers):
        sock = socket.create_connection((HOST, port), timeout=10)
        sock.sendall(head)
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ, place)
    steps: list[tuple[int, float]] = []
    events = received = 0
    buffer, until = b"", time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        for key, _ in selector.select(left):
            data = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]
            if not data:
                selector.unregister(key.fileobj)
            received += len(data)
            events += data.count(b"event: scene")
            if key.data == 0:
                *whole, buffer = (buffer + data).split(b"\n\n")
                steps += [
                    (int(found[1].replace(b",", b"")), time.monotonic())
                    for each in whole
                    if (found := STEP.search(each))
                ]
    left_open = list(selector.get_map().values())
    for key in left_open:
        key.fileobj.close()  # type: ignore[union-attr]
    return Followed(steps, events, received, len(left_open))


def seen_after(logged: Logged, followed: Followed) -> list[float]:
    """For each step, the seconds from its answer until it or a later one was told; the last ones may lack."""
    delays: list[float] = []
    told = iter(followed.steps)
    shown, at = next(told, (-1, 0.0))
    for step, answered in logged.steps:
        while shown < step:
            found = next(told, None)
            if found is None:
                return delays
            shown, at = found
        delays.append(max(0.0, at - answered))
    return delays


def _point(run_id: str, key: str, step: int) -> bytes:
    now = int(time.time() * 1_000)
    return json.dumps(
        {"run_id": run_id, "key": key, "value": 1 / (step + 1), "step": step, "timestamp": now}
    ).encode()
