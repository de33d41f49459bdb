"""A Redis of a test's own."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest
import redis

from features.online import connection
from mlplatform_site.demo.web import free_port
from mlplatform_site.stack import binaries
from tests.resilience.timing import until


class Server:
    """A redis-server that keeps its data through a kill."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._command = [
            str(binaries.redis_server()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder),
            "--appendonly", "yes", "--appendfsync", "always", "--loglevel", "warning",
        ]  # fmt: skip
        self.client = connection.client(f"redis://127.0.0.1:{self.port}/0", timeout_seconds=1)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command)
        until(self.answers, seconds=10)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def begin(self, fault: str) -> None:
        """``killed``, ``hung`` or ``full``."""
        if fault == "killed":
            self.kill()
        elif fault == "hung":
            self.signal(signal.SIGSTOP)
        else:
            self.client.config_set("maxmemory", 1)

    def end(self, fault: str) -> None:
        if fault == "killed":
            self.start()
        elif fault == "hung":
            self.signal(signal.SIGCONT)
        else:
            self.client.config_set("maxmemory", 0)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def store_of_its_own(folder: Path, patch: pytest.MonkeyPatch, *modules: ModuleType) -> Iterator[Server]:
    """A server that these modules take for Redis (store), asked with a deadline of 0.25 s."""
    server = Server(folder)
    url = f"redis://127.0.0.1:{server.port}/0"
    ours = redis.Redis.from_pool(
        connection.StorePool.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25)
    )
    for module in modules:
        patch.setattr(module, "store", lambda: ours)
    yield server
    ours.close()
    server.client.close()
    server.kill()
