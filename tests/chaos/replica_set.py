"""Three mongods by hand: a replica set whose primary may be killed."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymongo
from pymongo.errors import PyMongoError

from mlplatform_site.demo.web import free_port
from mlplatform_site.stack import binaries

NAME = "chaos"
ELECTION_MS = 2_000
PATIENCE_SECONDS = 40


class ReplicaSet:
    """The members by port; each is a child of this process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._members: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self._members)
        return f"mongodb://{hosts}/mlplatform?replicaSet={NAME}"

    def start(self) -> None:
        for port in (free_port() for _ in range(3)):
            self._start(port)
        for port in self._members:
            _wait_until_it_answers(port)
        first, *_ = self._members
        members = [{"_id": n, "host": f"127.0.0.1:{port}"} for n, port in enumerate(self._members)]
        timing = {"electionTimeoutMillis": ELECTION_MS, "heartbeatIntervalMillis": 500}
        with _client(first) as client:
            client.admin.command("replSetInitiate", {"_id": NAME, "members": members, "settings": timing})
        self.primary()

    def primary(self) -> int:
        """The primary's port, once there is one."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for port, process in self._members.items():
                if process.poll() is None and _is_primary(port):
                    return port
            time.sleep(0.1)
        raise AssertionError("No member became the primary.")

    def kill(self, port: int) -> None:
        self._members[port].kill()
        self._members[port].wait()

    def restart(self, port: int) -> None:
        self._start(port)

    def end(self) -> None:
        for port in self._members:
            self.kill(port)

    def _start(self, port: int) -> None:
        data = self._folder / str(port)
        data.mkdir(parents=True, exist_ok=True)
        with (self._folder / f"{port}.log").open("ab") as log:
            self._members[port] = subprocess.Popen(
                [
                    str(binaries.mongod()), "--dbpath", str(data), "--port", str(port), "--replSet", NAME,
                    "--bind_ip", "127.0.0.1", "--nounixsocket", "--quiet", "--oplogSize", "64",
                    "--wiredTigerCacheSizeGB", "0.25",
                    "--setParameter", "diagnosticDataCollectionEnabled=false",
                ],
                stdout=log, stderr=log,
            )  # fmt: skip


@contextmanager
def replica_set(folder: Path) -> Iterator[ReplicaSet]:
    made = ReplicaSet(folder)
    try:
        made.start()
        yield made
    finally:
        made.end()


def _client(port: int) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=30_000)


def _wait_until_it_answers(port: int) -> None:
    with _client(port) as client:
        client.admin.command("ping")


def _is_primary(port: int) -> bool:
    try:
        with pymongo.timeout(1), _client(port) as client:
            return bool(client.admin.command("hello")["isWritablePrimary"])
    except PyMongoError:
        return False
