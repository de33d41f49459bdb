"""A stack of a test's own, to be stopped, paused and filled."""

import fcntl
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlplatform_site.stack import lifecycle

if TYPE_CHECKING:  # the chaos tests' zygote has no use for it
    import pytest

PROJECT = Path(__file__).resolve().parents[1]
DROPPED = (
    "DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL",
    "STACK_DIR", "ARTIFACT_ROOT", "DJANGO_SETTINGS_MODULE",
)  # fmt: skip
KEPT = ("secrets.json", "mongodb.key", *(server.name for server in lifecycle.SERVERS))


@dataclass(frozen=True)
class PrivateStack:
    """An embedded stack in a folder of its own."""

    folder: Path

    def manage(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return self.run(self.python("manage.py", *words), **environment)

    def python(self, *words: str) -> list[str]:
        return [sys.executable, *words]

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=PROJECT, env={**self.environment(), **environment},
            capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip

    def begin(self, command: list[str]) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            command, cwd=PROJECT, env=self.environment(), stdout=subprocess.PIPE, text=True
        )

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in DROPPED}
        return {**kept, "STACK_DIR": str(self.folder)}

    def start(self) -> None:
        """By this process: a ``manage.py`` takes seconds to load."""
        dropped = {name: os.environ.pop(name) for name in DROPPED if name in os.environ}
        try:
            lifecycle.start(self.folder)
        finally:
            os.environ.update(dropped)

    def url(self, name: str) -> str:
        found: str = json.loads((self.folder / "env.json").read_text())[name]
        return found

    def pid(self, server: str) -> int:
        pids = {status.name: status.pid for status in lifecycle.status(self.folder)}
        found = pids[server]
        assert found is not None
        return found

    def tree(self, server: str) -> list[int]:
        """The server's process and all below it: PostgreSQL's back ends are processes of their own."""
        found = [self.pid(server)]
        for pid in found:
            with suppress(FileNotFoundError):  # ended since
                found += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return found

    @contextmanager
    def hung(self, *servers: str) -> Iterator[None]:
        """As :meth:`paused`, with every process of each server."""
        pids = [pid for server in servers for pid in self.tree(server)]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    @contextmanager
    def paused(self, *servers: str) -> Iterator[None]:
        pids = [self.pid(server) for server in servers]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)


@contextmanager
def running_stack(factory: "pytest.TempPathFactory", name: str) -> Iterator[PrivateStack]:
    """Running and initialised; reset in the end."""
    stack = PrivateStack(factory.mktemp(name) / "stack")
    stack.folder.mkdir(mode=0o700)
    subprocess.run(["cp", "-a", *initialised(factory), stack.folder], check=True)
    stack.start()
    try:
        yield stack
    finally:
        lifecycle.reset(stack.folder)


def initialised(factory: "pytest.TempPathFactory") -> list[Path]:
    """Files and folders of a stack that was initialised and stopped, once for all workers of this run."""
    own = factory.getbasetemp()
    of_the_run = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    folder, made = of_the_run / "template", PrivateStack(of_the_run / "template-unfinished")
    with (of_the_run / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            lifecycle.reset(made.folder)
            made.start()
            try:
                done = made.manage("init_stores")
                assert done.returncode == 0, done.stderr
            finally:
                lifecycle.stop(made.folder)
            made.folder.rename(folder)
    return [folder / name for name in KEPT]
