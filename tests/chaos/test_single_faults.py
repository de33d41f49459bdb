"""One fault at a time: a full Redis, a bad network, deliveries that come late or twice."""

import contextlib
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis

from tests.fault_proxy import FaultProxy, Mode
from tests.private_stack import PrivateStack

from . import platform_reading
from .children import Child
from .story import Story
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
OPERATIONS = ("register", "note", "change", "end")
# PostgreSQL may answer, MongoDB and Redis may not: no operation waits longer than this
ANSWER_SECONDS = 10


@contextlib.contextmanager
def full(url: str) -> Iterator[None]:
    """Redis at its ``maxmemory``: it refuses what would grow it."""
    with redis.Redis.from_url(url, decode_responses=True) as server:
        before = server.config_get("maxmemory")["maxmemory"]
        server.config_set("maxmemory", 1)
        try:
            yield
        finally:
            server.config_set("maxmemory", before)


def test_a_full_redis_store_costs_no_run_and_is_caught_up_with_by_itself(
    stack: PrivateStack, zygote: Zygote
) -> None:
    story = Story(stack, zygote)
    with full(stack.url("REDIS_STORE_URL")):
        for operation in OPERATIONS:
            story.perform(operation)
        for _ in range(20):  # more often than anything is tried before it is set aside
            story.relay()
        assert story.findings().parked == 0
        assert story.findings().owed > 0
    story.relay()
    story.assert_all_is_well()


@pytest.mark.parametrize("mode", ["latency", "blackhole", "half-open", "reset", "refuse"])
def test_a_bad_network_to_mongodb_delays_nothing_but_the_bodies(
    stack: PrivateStack, zygote: Zygote, mode: Mode
) -> None:
    url = stack.url("MONGODB_URL")
    with FaultProxy(urlsplit(url).port or 0) as proxy:
        # directConnection: the driver would else learn the real address from the replica set
        behind = url.replace(f":{urlsplit(url).port}/", f":{proxy.port}/").replace(
            "replicaSet=rs0", "directConnection=true"
        )
        with Zygote(stack, MONGODB_URL=behind) as client:
            story = Story(stack, client)
            proxy.mode = mode
            for operation in OPERATIONS:
                began = time.monotonic()
                story.perform(operation)
                assert time.monotonic() - began < ANSWER_SECONDS
            proxy.mode = "ok"
            story.relay()
    story.assert_all_is_well()


@pytest.mark.parametrize("mode", ["latency", "reset", "refuse", "half-open"])
def test_a_bad_network_to_postgresql_does_a_request_once_or_not_at_all(
    stack: PrivateStack, zygote: Zygote, mode: Mode
) -> None:
    url = stack.url("DATABASE_URL")
    with FaultProxy(urlsplit(url).port or 0, delay=0.02) as proxy:
        with Zygote(stack, DATABASE_URL=url.replace(f":{urlsplit(url).port}/", f":{proxy.port}/")) as client:
            story = Story(stack, client)
            for operation in OPERATIONS:
                request = story.request(operation)
                proxy.mode = mode
                client.attempt(operation, **request)
                proxy.mode = "ok"
                story.perform(operation)
    story.relay_by(zygote)
    story.assert_all_is_well()


def test_a_delivery_that_comes_late_changes_nothing(stack: PrivateStack, zygote: Zygote) -> None:
    """It read the old state, was frozen, and writes after the newer one."""
    story = Story(stack, zygote)
    story.perform("register")
    zygote.do("deliver_late", **story.request("change"))
    story.tell("change", None)
    story.relay()
    story.assert_all_is_well()
    zygote.do("deliver_late_to_redis", **story.request("end"))
    story.tell("end", None)
    story.relay()
    story.assert_all_is_well()


def test_a_relay_frozen_beyond_its_lease_does_no_harm_when_it_goes_on(
    stack: PrivateStack, zygote: Zygote
) -> None:
    stories = [Story(stack, zygote) for _ in range(6)]
    with contextlib.ExitStack() as relays:
        with stack.paused("mongodb"):
            for story in stories:
                story.perform("register", crash_at="write.after_commit:1")
            platform_reading.make_due(stack)
            first, second = (relays.enter_context(relay(stack, name)) for name in ("first", "second"))
            time.sleep(4)  # both have started and wait for MongoDB
        first.pause()
        for story in stories:
            story.perform("change")
            story.perform("end")
        wait_until_nothing_is_owed(stack, stories)
        first.resume()
        time.sleep(1)
    second.stop()
    for story in stories:
        story.assert_all_is_well()


@contextlib.contextmanager
def relay(stack: PrivateStack, name: str) -> Iterator[Child]:
    child = Child(
        stack.python("manage.py", "relay_outbox"), environment=stack.environment(),
        log=stack.folder / "log" / f"relay-{name}.log", is_ready=lambda: True,
    )  # fmt: skip
    child.start()
    try:
        yield child
    finally:
        child.stop()


def wait_until_nothing_is_owed(stack: PrivateStack, stories: list[Story]) -> None:
    deadline = time.monotonic() + 120
    while any(platform_reading.owed(stack, story.ledger.experiment)[0] for story in stories):
        assert time.monotonic() < deadline
        time.sleep(0.1)
