"""One turn of a case against a server: prepare, drive, check."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .api import Api
from .cases import RAW, Case
from .jobs import Job, WrongAnswerError
from .raw_driver import Seen
from .servers import ServerAddress

PROJECT = Path(__file__).resolve().parents[3]
SECONDS = 900


@dataclass(frozen=True)
class Turn:
    """What one turn took: seconds of each request, of the whole, and of the driver's own processor time."""

    seconds: list[float]
    wall_seconds: float
    driver_cpu_seconds: float
    units: int

    @property
    def rate(self) -> float:
        """Units a second."""
        return len(self.seconds) * self.units / self.wall_seconds


def take_turn(case: Case, server: ServerAddress, mlflow_python: Path) -> Turn:
    """Drive a case against a server and check what it did.

    Raises:
        WrongAnswerError: an answer, or what was written, is not what was asked.
    """
    job = case.prepare(Api(server), case.clients, case.count)
    seen = drive(case, job, server, mlflow_python)
    errors = [error for each in seen for error in each["errors"]]
    if errors:
        raise WrongAnswerError(f"{case.title}, {server.name}: {len(errors)} errors, such as {errors[0]}")
    try:
        job.check(seen)
    except WrongAnswerError as error:
        raise WrongAnswerError(f"{case.title}, {server.name}: {error}") from error
    return Turn(
        seconds=[second for each in seen for second in each["seconds"]],
        wall_seconds=max(each["ended"] for each in seen) - min(each["began"] for each in seen),
        driver_cpu_seconds=sum(each["cpu_seconds"] for each in seen),
        units=case.units,
    )


def drive(case: Case, job: Job, server: ServerAddress, mlflow_python: Path) -> list[Seen]:
    """Run the driver of the case in a process of its own."""
    parts = urlsplit(server.url)
    plan: dict[str, Any] = {"clients": job.clients, "keep": job.keep}
    if case.way == RAW:
        plan |= {"host": parts.hostname, "port": parts.port, "headers": server.headers}
        command = [sys.executable, "-m", "analysis.benchmarks.tracking.raw_driver"]
    else:
        plan |= {"url": server.url, "token": server.token}
        command = [str(mlflow_python), "-m", "analysis.benchmarks.tracking.client_driver"]
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
        raise RuntimeError(f"The driver of {case.title} failed: {done.stderr[-2_000:]}")
    seen: list[Seen] = json.loads(done.stdout)
    return seen
