"""Hubs on real stores, and browsers at the other end of a socket."""

import socket
from collections.abc import Callable, Iterator

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
from tests.following import Browser


@pytest.fixture
def hub() -> Iterator[Hub]:
    doorbells.forget_rung()
    hub = Hub(most=3)
    yield hub
    hub.stop()
    hub._thread.join(20)
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
