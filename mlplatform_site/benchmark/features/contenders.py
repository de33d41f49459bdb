"""Who reads and writes: ours, the bare layouts, a bare socket, and Feast in a process of its own."""

import datetime as dt
import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from analysis.benchmarks.features.results import FEAST, OURS, ROWS, SOCKET
from analysis.benchmarks.features.workload import (
    EVENT_SECONDS,
    Case,
    columns,
    feature_names,
    values,
    view_name,
)
from analysis.benchmarks.tracking.jobs import WrongAnswerError
from features import keys
from features.queries.view_schemas import view_schema
from features.services.online_features import (
    OnlineRow,
    get_online_features,
    read_online_features,
    write_online_features,
)

from .layouts import Layouts, Read

PROJECT = Path(__file__).resolve().parents[3]
QUIET_SECONDS = 0.2
Measure = Callable[[int], list[float]]  # so many calls → seconds of each


class Feast:
    """Feast's SDK under its own Python; ``with Feast(...)`` until it is told to end."""

    def __init__(self, python: Path, url: str) -> None:
        parts = urlsplit(url)
        address = f"{parts.hostname}:{parts.port}"
        self._command = [str(python), "-m", "analysis.benchmarks.features.feast_driver"]
        self._command.append(f"{address},password={parts.password}" if parts.password else address)

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self._log = self._stack.enter_context(tempfile.TemporaryFile())
        self._process = self._stack.enter_context(
            subprocess.Popen(
                self._command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                stderr=self._log,
            )
        )  # fmt: skip
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._stack.close()

    def order(self, **order: Any) -> list[float]:
        """Seconds of each call.

        Raises:
            WrongAnswerError: a value is not what was written, or Feast is gone.
        """
        assert self._process.stdin is not None  # noqa: S101 (for mypy)
        assert self._process.stdout is not None  # noqa: S101
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        answer: dict[str, Any] = json.loads(line) if line else {"wrong": f"Feast ended: {self._told()}"}
        if "wrong" in answer:
            raise WrongAnswerError(answer["wrong"])
        seconds: list[float] = answer["seconds"]
        return seconds

    def _told(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()[-2_000:]


def feast_version(python: Path) -> str:
    """Which Feast that Python has."""
    code = "from importlib.metadata import version; print(version('feast'))"
    return subprocess.run(
        [str(python), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def readers(case: Case, layouts: Layouts, feast: Feast, url: str) -> dict[str, Measure]:
    """By contender: so many reads of a case."""
    expected = columns(case)
    asked = [f"{view_name(case.width)}:{name}" for name in expected]
    entities = [f"C{number}" for number in range(case.size)]
    view = view_schema(view_name(case.width))
    names = keys.feature_rows(view.entity, view.name, view.version, entities)
    lists = list(expected.values())
    measures = {
        OURS: _measured(
            lambda: get_online_features(features=asked, entity_keys=entities).to_dict(),
            dict(zip(asked, lists, strict=True)),
        ),
        ROWS: _measured(
            lambda: [row.values for row in read_online_features(view=view, entity_keys=entities)],
            list(zip(*lists, strict=True)),
        ),
        SOCKET: _exchanges(url, ["MGET", *names]),
        FEAST: lambda count: feast.order(do="read", size=case.size, width=case.width, count=count),
    }
    for name, (read, is_decoded) in layouts.reads(case).items():
        measures[name] = _measured(read, lists if is_decoded else None)
    return measures


def writers(width: int, feast: Feast) -> dict[str, Measure]:
    """By contender: so many writes of all entities of a view."""
    view, names = view_schema(view_name(width)), feature_names(width)
    event_at = dt.datetime.fromtimestamp(EVENT_SECONDS, dt.UTC)
    rows = [
        OnlineRow(f"C{number}", event_at, dict(zip(names, row, strict=True)))
        for number, row in enumerate(values(width))
    ]
    return {
        OURS: _measured(lambda: write_online_features(view=view, rows=rows), len(rows)),
        FEAST: lambda count: feast.order(do="write", width=width, count=count),
    }


def _measured(read: Read, expected: Any) -> Measure:
    def measure(count: int) -> list[float]:
        seconds = []
        for _ in range(count):
            began = time.perf_counter()
            answer = read()
            seconds.append(time.perf_counter() - began)
            if expected is not None and answer != expected:
                raise WrongAnswerError("An answer is not what was written.")
        return seconds

    return measure


def _exchanges(url: str, words: Sequence[str]) -> Measure:
    """The bytes of one command sent, and as many received as its answer has."""
    parts = urlsplit(url)
    request = _resp(words)

    def measure(count: int) -> list[float]:
        with socket.create_connection((parts.hostname, parts.port)) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if parts.password:
                line.sendall(_resp(["AUTH", parts.password]))
                line.recv(64)
            line.sendall(request)
            length, buffer = _received(line), bytearray(1 << 20)
            seconds = []
            for _ in range(count):
                began = time.perf_counter()
                line.sendall(request)
                received = 0
                while received < length:
                    received += line.recv_into(buffer)
                seconds.append(time.perf_counter() - began)
        return seconds

    return measure


def _received(line: socket.socket) -> int:
    """How many bytes come until nothing more does."""
    line.settimeout(QUIET_SECONDS)
    length = 0
    with suppress(TimeoutError):
        while received := len(line.recv(1 << 20)):
            length += received
    line.settimeout(None)
    return length


def _resp(words: Sequence[str]) -> bytes:
    parts = [f"${len(word.encode())}\r\n{word}\r\n" for word in words]
    return f"*{len(words)}\r\n{''.join(parts)}".encode()
