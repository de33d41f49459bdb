"""The cache API and the leaderboards with a Redis that does not answer."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings

from features.caches import Cache
from features.online import cache_counts, connection
from features.online.read_through import read_through
from features.queries.boards import board
from tests.factories import DatasetFactory, RunFactory
from tests.fault_proxy import FaultProxy, Mode
from tests.resilience.test_redis import through
from tests.resilience.timing import timed, until

CACHE = Cache("resilience", 60)


@pytest.fixture
def proxies(settings: LazySettings, redis_keys: None) -> Iterator[list[FaultProxy]]:
    """Both servers, each behind a proxy."""
    ports = [urlsplit(url).port or 6379 for url in (settings.REDIS_CACHE_URL, settings.REDIS_STORE_URL)]
    with FaultProxy(ports[0]) as cache, FaultProxy(ports[1]) as store:
        settings.REDIS_CACHE_URL = through(cache, settings.REDIS_CACHE_URL)
        settings.REDIS_STORE_URL = through(store, settings.REDIS_STORE_URL)
        _connect_anew()
        yield [cache, store]
    _connect_anew()


def _connect_anew() -> None:
    for client in (connection.cache, connection.store):
        client.cache_clear()


@pytest.mark.parametrize("mode", ["blackhole", "refuse"])
def test_while_the_cache_is_away_the_source_answers_soon_at_once_and_it_recovers(
    mode: Mode, proxies: list[FaultProxy], settings: LazySettings
) -> None:
    key = f"{settings.REDIS_KEY_PREFIX}:resilience"
    assert read_through(CACHE, key, lambda: b"v").source == "source"
    until(lambda: read_through(CACHE, key, lambda: b"v").source == "redis", seconds=20)
    before = cache_counts.of_this_process()["resilience"]["errors"]
    proxies[0].mode = mode
    with timed() as took:
        answers = [read_through(CACHE, key, lambda: b"v") for _ in range(50)]
    assert {(each.value, each.source) for each in answers} == {(b"v", "source")}
    assert took.seconds < 10
    assert cache_counts.of_this_process()["resilience"]["errors"] == before + 50
    proxies[0].mode = "ok"
    until(lambda: read_through(CACHE, key, lambda: b"v").source == "redis", seconds=20)


@pytest.mark.django_db
def test_while_the_store_is_away_postgresql_ranks_and_the_page_says_so(proxies: list[FaultProxy]) -> None:
    run = RunFactory.create(dataset=DatasetFactory.create(name="d"))
    proxies[1].mode = "blackhole"
    with timed() as took:
        found = board(dataset="d")
    assert ([each.run_id for each in found.rows], found.source) == ([run.run_id], "postgresql")
    assert "manage.py doctor" in found.problem
    assert took.seconds < 6
