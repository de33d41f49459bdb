"""Calls to MongoDB through its breaker, with a proxy that misbehaves."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings
from pymongo.errors import DuplicateKeyError, PyMongoError

from analysis.queries.moves.capture import DOCUMENTS, consumer_cards
from registry.breakers import MONGODB, State
from registry.documents import connection
from registry.documents.connection import collection, guarded_by_breaker
from registry.documents.store import at_most, find_run_body
from registry.exceptions import StoreUnavailableError
from tests.fault_proxy import FaultProxy, Mode
from tests.resilience.timing import timed, until


@pytest.fixture
def proxy(mongo: object, settings: LazySettings) -> Iterator[FaultProxy]:
    """In front of MongoDB; the platform's client goes through it."""
    url = settings.MONGODB_URL
    address = urlsplit(url).netloc.rpartition("@")[2]
    with FaultProxy(int(address.rpartition(":")[2])) as proxy:
        # A direct connection: else the driver goes to the address that the replica set tells.
        through = url.replace(address, f"127.0.0.1:{proxy.port}").replace(
            "replicaSet=rs0", "directConnection=true"
        )
        settings.MONGODB_URL, settings.MONGODB_TIMEOUT_MS = through, 600
        connection.register()
        until(answers, seconds=20)
        yield proxy
    settings.MONGODB_URL, settings.MONGODB_TIMEOUT_MS = url, 5_000
    connection.register()


def answers() -> bool:
    try:
        find_run_body("any")
    except StoreUnavailableError:
        return False
    return True


def is_left_alone() -> bool:
    """Not so where the question came so late that it was the probe."""
    with pytest.raises(StoreUnavailableError) as caught:
        find_run_body("any")
    return "left alone" in str(caught.value.__cause__)


@pytest.mark.parametrize("mode", ["blackhole", "half-open", "refuse", "reset"])
def test_a_call_ends_in_time_the_breaker_opens_and_closes_by_itself(proxy: FaultProxy, mode: Mode) -> None:
    proxy.mode = mode
    for _ in range(3):
        with timed() as took:
            assert not answers()
        # PyMongo looks at its deadline of 0.6 s each half second while it looks for a server.
        assert took.seconds < 6
    assert MONGODB.state is State.OPEN
    until(is_left_alone, seconds=20)
    proxy.mode = "ok"
    until(answers, seconds=20)
    assert MONGODB.state is State.CLOSED


def test_a_page_waits_no_longer_than_it_asked_to(proxy: FaultProxy, settings: LazySettings) -> None:
    settings.MONGODB_TIMEOUT_MS = 20_000
    connection.register()
    assert answers()
    proxy.mode = "blackhole"
    with timed() as took, at_most(0.2):
        assert not answers()
    assert took.seconds < 5


@pytest.mark.django_db
def test_the_page_of_moves_waits_two_seconds_for_all_its_reads(
    proxy: FaultProxy, settings: LazySettings
) -> None:
    settings.MONGODB_TIMEOUT_MS = 60_000
    connection.register()
    assert answers()
    proxy.mode = "blackhole"
    with timed() as took:
        cards = {each.status.consumer: each for each in consumer_cards()}
    assert (cards[DOCUMENTS].status.state, took.seconds < 20) == ("away", True)


def test_what_mongodb_itself_refuses_does_not_open_the_breaker(mongo: object) -> None:
    collection("model_configs").database["scratch"].insert_one({"_id": 1})
    for _ in range(4):
        with pytest.raises(DuplicateKeyError), guarded_by_breaker():
            collection("scratch").insert_one({"_id": 1})
    collection("scratch").drop()
    assert MONGODB.state is State.CLOSED


def test_an_open_breaker_looks_like_a_driver_error_to_who_catches_those(mongo: object) -> None:
    for _ in range(3):
        MONGODB.failed()
    with pytest.raises(PyMongoError), guarded_by_breaker():
        pytest.fail("an open breaker let a call through")
