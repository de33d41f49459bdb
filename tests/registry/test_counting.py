"""Counts from many threads to Redis, each once."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from django.conf import LazySettings
from django.test import Client

from features.online import connection, counters
from registry import counting
from registry.counting import CarrierAwayError
from registry.exceptions import StoreUnavailableError
from registry.limits import allowances
from tests.features.away import redis_is_away

pytestmark = pytest.mark.usefixtures("redis_keys")


@pytest.fixture(autouse=True)
def _anew() -> Iterator[None]:
    counting._begin_anew()
    yield
    counting._begin_anew()
    counting.enrol(counters.carry)


def counted() -> dict[str, int]:
    """What Redis has of the last two minutes: a test may run across the end of one."""
    total: Counter[str] = Counter()
    for each in counters.counts(minutes=2):
        total.update(each)
    return dict(total)


def test_counts_of_many_threads_arrive_whole() -> None:
    def work() -> None:
        for _ in range(500):
            counting.count("a")
            counting.count("b", 3)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert counting.carry_off()
    assert counting.carry_off()
    assert counted() == {"a": 4_000, "b": 12_000}


def test_a_batch_that_comes_twice_counts_once(settings: LazySettings) -> None:
    assert counters.increment({"a": 2}, batch="one")
    assert not counters.increment({"a": 2}, batch="one")
    assert counters.increment({"a": 1}, batch="two")
    assert counted() == {"a": 3}
    keys = connection.store().keys(f"{settings.REDIS_KEY_PREFIX}:*{{counts}}*")
    assert keys
    assert all(0 < connection.store().ttl(key) <= 7_200 for key in keys)


def test_counts_wait_while_redis_is_away_and_then_arrive_once(settings: LazySettings) -> None:
    counting.count("a")
    with redis_is_away(settings, "STORE"):
        assert not counting.carry_off()
        counting.count("a")
        with pytest.raises(StoreUnavailableError):
            counters.counts()
    assert counting.carry_off()
    assert counted() == {"a": 2}


def test_an_answer_that_was_lost_adds_nothing_twice() -> None:
    def deaf(batch: str, amounts: Mapping[str, int]) -> None:
        counters.carry(batch, amounts)
        raise CarrierAwayError("the answer was lost")

    counting.enrol(deaf)
    counting.count("a")
    assert not counting.carry_off()
    counting.enrol(counters.carry)
    counting.count("a")
    assert counting.carry_off()
    assert counted() == {"a": 2}


def test_a_thread_carries_them_off_by_itself(settings: LazySettings) -> None:
    settings.COUNTERS_EVERY_MS = 20
    counting.count("a")
    began = time.monotonic()
    while counted() != {"a": 1}:
        assert time.monotonic() - began < 20
    settings.COUNTERS_EVERY_MS = 0


def test_no_more_names_than_the_most_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_NAMES", 2)
    for name in ("a", "b", "c", "a"):
        counting.count(name)
    assert counting.carry_off()
    assert counting.carry_off()  # of nothing
    assert counted() == {"a": 2, "b": 1}


@pytest.mark.django_db
def test_requests_are_counted_by_api_and_outcome(settings: LazySettings) -> None:
    allowances.forget_all()
    settings.RATE_LIMIT_ADDRESS_PER_MINUTE = 3
    for path in ("/api/1/nowhere", "/api/2.0/mlflow/nowhere", "/predict/none", "/api/1/nowhere"):
        Client().post(path)
    counting.carry_off()
    assert counted() == {
        "requests.platform.refused": 1, "requests.platform.throttled": 1,
        "requests.mlflow.refused": 1, "requests.predict.refused": 1,
    }  # fmt: skip
