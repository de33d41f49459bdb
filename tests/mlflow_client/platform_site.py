"""The site under test: ours on stores of its own, or whatever MLFLOW_UNDER_TEST_URI names."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

PROJECT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
PYTHON = os.environ.get("MLPLATFORM_PYTHON", str(PROJECT / ".venv" / "bin" / "python"))
# Two busy cores: what is read right after a write must not hang on the quarter of a second of production.
PATIENCE = {"REDIS_TIMEOUT_MS": "5000", "FAST_PATH_TIMEOUT_MS": "5000"}
DROPPED = ("DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL", "ARTIFACT_ROOT", "PYTHONPATH")


class GenuineServer:
    """A server of MLflow's own, without users; the tests marked ``ours`` are left out."""

    is_ours = False

    def __init__(self, url: str) -> None:
        self.url = url
        self.tokens: dict[str, str] = {}


class OurSite:
    """Our site, that can be stopped and started while a client waits."""

    is_ours = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.tokens: dict[str, str] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Returns once it answers."""
        self._process = subprocess.Popen(
            [PYTHON, str(HERE / "serve.py"), str(self.port), str(self.folder)],
            cwd=PROJECT, env=self._environment(), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n", (self.folder / "web.log").read_text()[-3000:]

    def stop(self) -> None:
        """Returns once nothing listens any more."""
        if self._process:
            self._process.terminate()
            self._process.wait(timeout=30)
            self._process = None

    def manage(self, *words: str) -> str:
        """Standard output of ``manage.py``."""
        return self.run(str(PROJECT / "manage.py"), *words)

    def run(self, *command: str) -> str:
        """Standard output of the project's Python."""
        result = subprocess.run(
            [PYTHON, *command], cwd=PROJECT, env=self._environment(), capture_output=True, text=True,
            check=False, timeout=120,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr
        return result.stdout

    def ask(self, path: str, *, user: str = "ada") -> Any:
        """What our own HTTP API answers."""
        headers = {"Authorization": f"Bearer {self.tokens[user]}"}
        answer = requests.get(self.url + path, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
        return {**kept, **PATIENCE, "STACK_DIR": str(self.folder / "stack")}


Site = GenuineServer | OurSite


@contextmanager
def our_site(folder: Path) -> Iterator[OurSite]:
    """Stores, users, site and relay; nothing of them is left in the end."""
    site = OurSite(folder)
    site.manage("stack", "start")
    try:
        site.manage("init_stores")
        site.tokens = json.loads(site.run(str(HERE / "people.py")))
        site.start()
        yield site
    finally:
        site.stop()
        site.manage("stack", "reset", "--yes")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
