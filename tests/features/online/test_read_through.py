import random
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import LazySettings

from features.caches import Cache
from features.online import cache_counts, connection, leases
from features.online.local_memory import LocalMemory, memory
from features.online.read_through import Found, read_many, read_through
from registry import counting

pytestmark = pytest.mark.usefixtures("redis_keys")
LEASED = Cache("leased", 60, wait_seconds=0.05)
VERSIONED = Cache("versioned", 60, is_immutable=True, wait_seconds=0.05)


@pytest.fixture
def key(settings: LazySettings) -> Iterator[str]:
    memory.clear()
    counting.carry_off()
    connection.delete_keys(prefix=settings.REDIS_KEY_PREFIX)
    yield f"{settings.REDIS_KEY_PREFIX}:read-through"
    memory.clear()


def counts(name: str) -> dict[str, int]:
    found = cache_counts.of_all_processes()
    return {event: number for event, number in found[name].items() if number}


def test_a_leased_answer_is_read_once_and_then_comes_from_redis(key: str) -> None:
    answers = [read_through(LEASED, key, lambda: b"v") for _ in range(3)]
    assert answers == [Found(b"v", "source"), Found(b"v", "redis"), Found(b"v", "redis")]
    assert counts("leased") == {"misses": 1, "fills": 1, "redis": 2}
    assert 50 <= connection.cache().ttl(key) <= 60


def test_what_is_there_is_read_without_asking_for_a_lease(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    read_through(LEASED, key, lambda: b"v")
    monkeypatch.setattr(leases, "run_script", _away)
    assert read_through(LEASED, key, lambda: b"other") == Found(b"v", "redis")


def test_a_versioned_answer_stays_in_memory_also_while_redis_is_away(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_through(VERSIONED, key, lambda: b"v")
    monkeypatch.setattr(leases, "run_script", _away)
    assert read_through(VERSIONED, key, lambda: b"other") == Found(b"v", "memory")
    memory.clear()
    monkeypatch.undo()
    assert [read_through(VERSIONED, key, lambda: b"").source for _ in range(2)] == ["redis", "memory"]


def _away(*_: object) -> list[object]:
    raise connection.RedisSuspendedError


def test_without_redis_the_source_answers_and_the_errors_are_counted(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "run_script", _away)
    assert [read_through(LEASED, key, lambda: b"v").source for _ in range(2)] == ["source", "source"]
    assert counts("leased") == {"misses": 2, "errors": 2}


def test_many_are_read_and_kept_at_once_and_what_has_no_answer_is_asked_again(key: str) -> None:
    keys = [f"{key}:{number}" for number in range(4)]
    asked: list[list[str]] = []

    def read(wanted: list[str]) -> Mapping[str, bytes]:
        asked.append(wanted)
        return {each: each.encode() for each in wanted if each != keys[3]}

    read_many(LEASED, keys[:2], read)
    found = read_many(LEASED, keys, read)
    assert [found[each].source for each in keys] == ["redis", "redis", "source", "source"]
    assert ([each.value for each in found.values()], asked) == (
        [keys[0].encode(), keys[1].encode(), keys[2].encode(), None],
        [keys[:2], keys[2:]],
    )
    assert read_many(LEASED, [keys[3]], read)[keys[3]] == Found(None, "source")


def test_a_failing_source_is_the_callers_and_blocks_nobody(key: str) -> None:
    def fail() -> bytes:
        raise ValueError("no source")

    with pytest.raises(ValueError, match="no source"):
        read_through(LEASED, key, fail)
    assert read_through(LEASED, key, lambda: b"v") == Found(b"v", "source")
    assert read_through(LEASED, key, fail) == Found(b"v", "redis")


@pytest.mark.parametrize("cache", [LEASED, VERSIONED])
def test_of_many_threads_that_miss_one_reads_the_source(key: str, cache: Cache) -> None:
    asked: list[int] = []
    everyone = threading.Barrier(6)

    def read() -> bytes:
        asked.append(1)
        threading.Event().wait(0.03)
        return b"v"

    def ask(_: int) -> bytes | None:
        everyone.wait()
        return read_through(cache, key, read).value

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(ask, range(6))) == [b"v"] * 6
    assert len(asked) == 1


def test_another_process_that_fills_is_waited_for_and_one_that_died_is_not_for_long(key: str) -> None:
    elsewhere = leases.look_up(key)
    timer = threading.Timer(0.02, lambda: leases.fill(key, elsewhere.token, b"theirs", seconds=60))
    timer.start()
    assert read_through(Cache("leased", 60, wait_seconds=20), key, lambda: b"ours") == Found(
        b"theirs", "redis"
    )
    timer.join()
    leases.forget([key])
    leases.look_up(key)
    assert read_through(LEASED, key, lambda: b"ours") == Found(b"ours", "source")
    assert leases.peek([key]) == {}


class Row:
    """A row that changes, and readers that must see what was told before they asked."""

    def __init__(self, key: str) -> None:
        self.key, self.value, self.told = key, 0, 0
        self.chance, self.too_old = random.Random(20261121), list[tuple[int, int]]()

    def pause(self) -> None:
        threading.Event().wait(self.chance.random() * 0.002)

    def source(self) -> bytes:
        found = self.value
        self.pause()
        return str(found).encode()

    def read(self) -> None:
        for _ in range(30):
            least = self.told
            value = int(read_through(LEASED, self.key, self.source).value or 0)
            if value < least:
                self.too_old.append((least, value))

    def write(self) -> None:
        for number in range(1, 31):
            self.value = number
            leases.forget([self.key])
            self.told = number
            self.pause()


def test_nobody_gets_what_was_replaced_before_they_asked_also_from_a_shared_flight(key: str) -> None:
    row = Row(key)
    threads = [threading.Thread(target=task) for task in (*[row.read] * 4, row.write)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert row.too_old == []
    assert read_through(LEASED, key, row.source).value == b"30"


def test_memory_forgets_the_least_recently_used_and_what_is_over() -> None:
    small = LocalMemory(most_bytes=4_000)
    for name in "abcdefghijklmn":
        small.keep({name: b"x" * 100}, seconds=60)
        small.find(["a"])
    assert small.find(["a", "b", "n"]).keys() == {"a", "n"}
    assert (len(small), small.evictions > 0, small.bytes <= 4_000) == (14 - small.evictions, True, True)
    small.keep({"large": b"x" * 1_000, "a": b"new"}, seconds=-1)
    assert small.find(["large", "a"]) == {}
    small.clear()
    assert (len(small), small.bytes) == (0, 0)
