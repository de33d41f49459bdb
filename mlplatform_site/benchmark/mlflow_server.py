"""The newest ``mlflow server``, on a database of its own in our PostgreSQL."""

import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from analysis.benchmarks.tracking import processes
from analysis.benchmarks.tracking.servers import BEST, BEST_WITH_JOBS, DEFAULT, ServerAddress
from mlplatform_site.demo.children import Child
from mlplatform_site.demo.web import free_port
from mlplatform_site.stack.ports import HOST

from .surroundings import environment

READY_SECONDS = 240
POLL_SECONDS = 0.05
DATABASE = "mlflow"
# The default: uvicorn with 4 workers, a job runner and its consumers. The best that was found on two cores:
# gunicorn (uvicorn leaves Nagle's algorithm on, which stalls each kept-alive request for 40 ms), two workers,
# no jobs. gthread workers, which keep connections alive, are slower with four clients than the plain ones.
# Its memory is also told with them, as it comes.
GUNICORN = ["--workers", "2", "--gunicorn-opts", "--no-control-socket --timeout 0"]
SETTINGS: dict[str, tuple[list[str], dict[str, str]]] = {
    DEFAULT: ([], {}),
    BEST: (GUNICORN, {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}),
    BEST_WITH_JOBS: (GUNICORN, {}),
}


class MlflowServer(Child):
    """``mlflow server``; ``with MlflowServer(...) as server`` waits until it answers.

    Args:
        setting: ``DEFAULT`` or ``BEST``.
        python: of the virtual environment that has mlflow.
        database: URL of PostgreSQL, whose database ``mlflow`` is there.
        folder: for artifacts and the log.
    """

    def __init__(self, setting: str, *, python: Path, database: str, folder: Path) -> None:
        port, (options, environment) = free_port(), SETTINGS[setting]
        self._url, self._database = f"http://{HOST}:{port}", mlflow_database(database)
        self._environment = environment | {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
        store = self._database.replace("postgres://", "postgresql+psycopg2://")
        command = [
            *(str(python), "-m", "mlflow", "server", "--host", HOST, "--port", str(port)),
            *("--backend-store-uri", store, "--artifacts-destination", str(folder / "mlflow-artifacts")),
            *options,
        ]
        super().__init__(setting, command, log=folder / "log" / f"{setting.replace(' ', '-')}.log")

    def __enter__(self) -> Self:
        began = time.monotonic()
        with environment(**self._environment):
            super().__enter__()
        wait_until_answers(self, self._url)
        self.start_seconds = time.monotonic() - began
        roots = ((self.title, self.process.pid),)
        self.address = ServerAddress(self.title, self._url, self._database, roots=roots)
        return self

    def __exit__(self, *error: object) -> None:
        family = processes.tree(self.process.pid)
        processes.go_on(family)
        super().__exit__(*error)
        processes.end(family)


def mlflow_database(url: str) -> str:
    """The URL of MLflow's database on the same server."""
    return f"{url.rpartition('/')[0]}/{DATABASE}"


def wait_until_answers(child: Child, url: str) -> None:
    """Wait until ``/health`` answers.

    Raises:
        ChildError: the server ended, or took too long.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not child.has_ended:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(POLL_SECONDS)
    child.__exit__()
    raise child.ended("did not start")


def mlflow_version(python: Path) -> str:
    """The version of mlflow in a virtual environment."""
    command = [str(python), "-c", "import importlib.metadata as m; print(m.version('mlflow'))"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
