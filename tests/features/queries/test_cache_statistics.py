from io import StringIO
from typing import Any

import orjson
import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.core.management.base import CommandError

from features.caches import RUN_INFO
from features.online import connection
from features.online.read_through import read_through
from features.queries.cache_statistics import CacheLine, cache_statistics
from registry import counting


@pytest.fixture(autouse=True)
def counted(redis_keys: None, settings: LazySettings) -> None:
    counting.carry_off()
    connection.delete_keys(prefix=settings.REDIS_KEY_PREFIX)
    for _ in range(4):
        read_through(RUN_INFO, f"{settings.REDIS_KEY_PREFIX}:some", lambda: b"v")


@pytest.fixture
def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = connection.client("redis://127.0.0.1:1/0", timeout_seconds=0.1)
    for module in ("counters.store", "server_counts.store", "server_counts.cache"):
        monkeypatch.setattr(f"features.online.{module}", lambda: nowhere)


def stats(*words: str) -> Any:
    out = StringIO()
    call_command("cache", "stats", *words, stdout=out)
    return out.getvalue()


def test_every_cache_is_told_with_its_hits_and_the_servers_memory() -> None:
    found = cache_statistics()
    assert found.is_whole
    assert found.caches[0] == CacheLine("run-info", 0, 3, 1, 0.75, 1, 0, 0, 0)
    assert found.caches[1].hit_share is None
    assert [server.server for server in found.servers] == ["cache", "store"]
    assert all(server.used_bytes > 100_000 for server in found.servers)


def test_counts_that_redis_could_not_take_are_sent_once_it_answers(
    redis_away: None, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    found = cache_statistics()
    assert (found.is_whole, found.servers) == (False, [])
    assert found.caches[0].redis >= 3
    read_through(RUN_INFO, f"{settings.REDIS_KEY_PREFIX}:some", lambda: b"v")
    monkeypatch.undo()
    assert cache_statistics().caches[0].redis == 4


def test_the_command_tells_and_fails_where_redis_is_away(
    request: pytest.FixtureRequest,
) -> None:
    assert "run-info" in stats()
    assert orjson.loads(stats("--json"))["caches"][0]["redis"] == 3
    request.getfixturevalue("redis_away")
    with pytest.raises(CommandError, match="manage.py doctor"):
        stats()
