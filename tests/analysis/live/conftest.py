"""Hubs on real stores, and browsers at the other end of a socket."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from analysis.live.hub import Hub
from analysis.live.run_feed import RunFeed
from analysis.live.scene import Feed
from analysis.live.watcher import Visitor
from features.online import doorbells
from registry.models import TrainingRun
from registry.services.runs import start_run
from tests.factories import ExperimentFactory, UserFactory


@dataclass
class Browser:
    """Reads a stream as a browser does."""

    sock: socket.socket
    is_chunked: bool = True
    raw: bytes = b""
    parts: dict[str, str] = field(default_factory=dict)
    mark: str = ""
    events: int = 0
    is_over: bool = False
    has_ended: bool = False

    def read(self) -> None:
        """Take in what is there within a moment."""
        try:
            data = self.sock.recv(1 << 20)
        except TimeoutError:
            return
        except OSError:
            data = b""
        self.has_ended = not data
        self.raw += data
        while b"\n\n" in self.raw:
            event, _, self.raw = self.raw.partition(b"\n\n")
            self._take(event.decode())

    def _take(self, event: str) -> None:
        for line in event.splitlines():
            if line.startswith("id: "):
                self.mark = line.removeprefix("id: ")
            if line.startswith("data: "):
                data: dict[str, Any] = json.loads(line.removeprefix("data: "))
                self.parts |= data["parts"]
                self.is_over, self.events = data["over"], self.events + 1

    def sees(self, holds: Callable[["Browser"], bool], *, seconds: float = 5.0) -> float:
        """Read until it holds; returns how long that took."""
        began = time.monotonic()
        while not holds(self):
            assert time.monotonic() - began < seconds, "it was not seen in time"
            self.read()
        return time.monotonic() - began


@pytest.fixture
def hub() -> Iterator[Hub]:
    doorbells.forget_rung()
    hub = Hub(most=3)
    yield hub
    hub.stop()
    assert not hub._thread.is_alive()


@pytest.fixture
def run(mongo: None, transactional_db: None) -> TrainingRun:
    return start_run(experiment=ExperimentFactory.create().name, name="watched")


@pytest.fixture
def visitor(transactional_db: None, client: Client) -> Visitor:
    user = UserFactory.create()
    client.force_login(user)
    return Visitor(client.cookies[settings.SESSION_COOKIE_NAME].value, user.pk)


Watch = Callable[..., Browser]


@pytest.fixture
def watch(hub: Hub, visitor: Visitor, run: TrainingRun) -> Iterator[Watch]:
    opened: list[socket.socket] = []

    def watch(feed: Feed | None = None, *, seen: str = "", is_chunked: bool = False) -> Browser:
        ours, theirs = socket.socketpair()
        ours.settimeout(0.05)
        opened.append(ours)
        hub.admit(theirs, feed=feed or RunFeed(run.run_id), visitor=visitor, seen=seen, is_chunked=is_chunked)
        return Browser(ours)

    yield watch
    for sock in opened:
        sock.close()
