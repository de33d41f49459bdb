"""Calls to Redis through its breaker, by our client and by Django's cache."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import LazySettings
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache

from features.online.connection import RedisSuspendedError, StorePool
from registry.breakers import REDIS_CACHE, REDIS_STORE, State
from tests.fault_proxy import FaultProxy, Mode
from tests.resilience.timing import timed, until

MODES = ["blackhole", "half-open", "refuse", "reset"]


def through(proxy: FaultProxy, url: str) -> str:
    port = urlsplit(url).port
    assert port is not None
    return url.replace(f":{port}", f":{proxy.port}")


@pytest.fixture
def proxy(settings: LazySettings) -> Iterator[FaultProxy]:
    with FaultProxy(urlsplit(settings.REDIS_STORE_URL).port or 6379) as proxy:
        yield proxy


@pytest.fixture
def store(proxy: FaultProxy, settings: LazySettings) -> Iterator[redis.Redis]:
    url = through(proxy, settings.REDIS_STORE_URL)
    client = redis.Redis.from_pool(StorePool.from_url(url, socket_timeout=0.25, socket_connect_timeout=0.25))
    until(lambda: answers(client), seconds=20)
    yield client
    client.close()


@pytest.fixture
def cache(settings: LazySettings) -> Iterator[tuple[FaultProxy, BaseCache]]:
    with FaultProxy(urlsplit(settings.REDIS_CACHE_URL).port or 6379) as proxy:
        there = {**settings.CACHES["default"], "LOCATION": through(proxy, settings.REDIS_CACHE_URL)}
        settings.CACHES = {"default": there}
        until(lambda: takes(caches["default"], 1), seconds=20)
        yield proxy, caches["default"]
    del caches["default"]


def answers(store: redis.Redis) -> bool:
    try:
        return bool(store.ping())
    except redis.RedisError:
        return False


def keeps(cache: BaseCache, value: int) -> bool:
    return bool(cache.get("kept") == value)


def takes(cache: BaseCache, value: int) -> bool:
    cache.set("kept", value, 300)
    return keeps(cache, value)


def is_left_alone(store: redis.Redis) -> bool:
    try:
        store.get("any")
    except RedisSuspendedError:
        return True
    except redis.RedisError:  # it came so late that it was the probe
        return False
    return False


@pytest.mark.parametrize("mode", MODES)
def test_a_call_ends_in_time_the_breaker_opens_and_closes_by_itself(
    proxy: FaultProxy, store: redis.Redis, mode: Mode
) -> None:
    proxy.mode = mode
    failed = 0
    while REDIS_STORE.state is State.CLOSED:
        with timed() as took:
            assert not answers(store)
        assert took.seconds < 5
        failed += 1
    assert failed <= 3
    until(lambda: is_left_alone(store), seconds=20)
    proxy.mode = "ok"
    until(lambda: answers(store), seconds=20)
    assert REDIS_STORE.state is State.CLOSED


@pytest.mark.parametrize("mode", MODES)
def test_a_cache_that_is_away_costs_three_timeouts_then_nothing(
    cache: tuple[FaultProxy, BaseCache], mode: Mode
) -> None:
    proxy, django_cache = cache
    proxy.mode = mode
    with timed() as took:
        assert [django_cache.get("kept") for _ in range(50)] == [None] * 50
    assert took.seconds < 8
    assert REDIS_CACHE.state is State.OPEN
    proxy.mode = "ok"
    until(lambda: keeps(django_cache, 1), seconds=20)
    assert REDIS_CACHE.state is State.CLOSED


def test_what_redis_itself_refuses_does_not_open_the_breaker(
    settings: LazySettings,
) -> None:
    with redis.Redis.from_pool(StorePool.from_url(settings.REDIS_STORE_URL)) as patient:
        for _ in range(4):
            with pytest.raises(redis.ResponseError):
                patient.execute_command("NO-SUCH-COMMAND")
    wrong = settings.REDIS_STORE_URL.replace("@", "wrong@")
    stranger = redis.Redis.from_pool(StorePool.from_url(wrong))
    for _ in range(4):
        with pytest.raises(redis.AuthenticationError):
            stranger.ping()
    assert REDIS_STORE.state is State.CLOSED


def test_one_store_that_is_away_does_not_shut_the_other(proxy: FaultProxy, store: redis.Redis) -> None:
    proxy.mode = "refuse"
    while REDIS_STORE.state is State.CLOSED:
        assert not answers(store)
    assert REDIS_CACHE.state is State.CLOSED
    until(lambda: takes(caches["default"], 2), seconds=20)
