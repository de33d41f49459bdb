"""The stack's servers as targets: killed with their children, paused, waited for."""

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import Protocol

import psycopg2
import pymongo
import redis
from pymongo.errors import PyMongoError

from mlplatform_site.stack import lifecycle
from mlplatform_site.stack.layout import layout
from mlplatform_site.stack.supervision import pid_of
from tests.private_stack import PrivateStack

STORES = ("mongodb", "postgres", "redis-cache", "redis-store")
BACK_SECONDS = 60


class Target(Protocol):
    """What the nemesis can hit."""

    def kill(self) -> None: ...
    def pause(self) -> None: ...
    def resume(self) -> None: ...
    def wait_until_back(self) -> None: ...


class StoreServer:
    """One server of a private stack; supervisor starts it again after a kill."""

    def __init__(self, stack: PrivateStack, name: str) -> None:
        self._stack, self._name = stack, name
        self._paused: list[int] = []

    def kill(self) -> None:
        for pid in self._family():
            _signal(pid, signal.SIGKILL)

    def pause(self) -> None:
        self._paused = self._family()
        for pid in self._paused:
            _signal(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._paused:
            _signal(pid, signal.SIGCONT)
        self._paused = []

    def wait_until_back(self) -> None:
        deadline = time.monotonic() + BACK_SECONDS
        while True:
            try:
                answer(self._stack, self._name)
            except (psycopg2.Error, PyMongoError, redis.RedisError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return

    def _family(self) -> list[int]:
        """The server and, for PostgreSQL, its backends: the server first, so that it makes no more."""
        pid = pid_of(layout(self._stack.folder), self._name)
        return [] if pid is None else [pid, *children(pid)]


def stores(stack: PrivateStack) -> dict[str, Target]:
    return {name: StoreServer(stack, name) for name in STORES}


def answer(stack: PrivateStack, name: str) -> None:
    """Write-level health: PostgreSQL takes a connection, MongoDB has a primary, Redis has loaded."""
    if name == "postgres":
        psycopg2.connect(stack.url("DATABASE_URL"), connect_timeout=2).close()
    elif name == "mongodb":
        url = stack.url("MONGODB_URL")
        with pymongo.MongoClient[dict[str, object]](
            url, serverSelectionTimeoutMS=500, timeoutMS=1_000
        ) as client:
            client.admin.command("ping", read_preference=pymongo.ReadPreference.PRIMARY)
    else:
        url = stack.url("REDIS_CACHE_URL" if name == "redis-cache" else "REDIS_STORE_URL")
        with redis.Redis.from_url(url, socket_timeout=1) as client:
            client.ping()


def end(stack: PrivateStack) -> None:
    lifecycle.reset(stack.folder)


def children(parent: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            words = (entry / "stat").read_text().rsplit(")", 1)[1].split() if entry.name.isdigit() else []
            if words and int(words[1]) == parent:
                found.append(int(entry.name))
    return found


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
