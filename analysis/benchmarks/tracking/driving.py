"""One turn of a case against a server: prepare, drive, check."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import processes
from .api import Api
from .cases import RAW, Case
from .jobs import Job, WrongAnswerError
from .raw_driver import Seen
from .servers import ServerAddress
from .statements import Asked, Meter

PROJECT = Path(__file__).resolve().parents[3]
SECONDS = 1_800


@dataclass(frozen=True)
class Turn:
    """What one turn took: seconds of each request and of the whole, processor time of both sides."""

    seconds: list[float]
    wall_seconds: float
    driver_cpu_seconds: float
    server_cpu_seconds: float
    asked: Asked
    units: int

    @property
    def rate(self) -> float:
        """Units a second."""
        return len(self.seconds) * self.units / self.wall_seconds


class Drivers:
    """Starts the drivers; ``mlflow_python`` is the Python that has the real client."""

    def __init__(self, mlflow_python: Path, meter: Meter) -> None:
        self._mlflow_python, self._meter = mlflow_python, meter

    def take_turn(self, case: Case, server: ServerAddress) -> Turn:
        """Drive a case against a server and check what it did.

        Raises:
            WrongAnswerError: an answer, or what was written, is not what was asked.
        """
        job = case.prepare(Api(server), case.clients, case.count)
        cpu = processes.cpu_seconds(server.pids)
        self._meter.reset()
        seen = self.drive(case, job, server)
        asked = self._meter.read(server.database)
        cpu = processes.cpu_seconds(server.pids) - cpu
        _check(job, seen)
        return Turn(
            seconds=[second for each in seen for second in each["seconds"]],
            wall_seconds=max(each["ended"] for each in seen) - min(each["began"] for each in seen),
            driver_cpu_seconds=sum(each["cpu_seconds"] for each in seen),
            server_cpu_seconds=cpu,
            asked=asked,
            units=case.units,
        )

    def drive(self, case: Case, job: Job, server: ServerAddress) -> list[Seen]:
        """Run the driver of the case in a process of its own."""
        parts = urlsplit(server.url)
        plan: dict[str, Any] = {"clients": job.clients, "keep": job.keep}
        if case.way == RAW:
            plan |= {"host": parts.hostname, "port": parts.port, "headers": server.headers}
            command = [sys.executable, "-m", "analysis.benchmarks.tracking.raw_driver"]
        else:
            plan |= {"url": server.url, "token": server.token}
            command = [str(self._mlflow_python), "-m", "analysis.benchmarks.tracking.client_driver"]
        done = subprocess.run(
            command,
            input=json.dumps(plan),
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        if done.returncode:
            raise WrongAnswerError(f"the driver failed: {done.stderr[-2_000:]}")
        seen: list[Seen] = json.loads(done.stdout)
        return seen


def _check(job: Job, seen: list[Seen]) -> None:
    errors = [error for each in seen for error in each["errors"]]
    if errors:
        raise WrongAnswerError(f"{len(errors)} errors, such as {errors[0]}")
    job.check(seen)
