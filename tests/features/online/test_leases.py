import random
from collections.abc import Iterator

import pytest

from features.online import leases
from features.online.connection import cache

pytestmark = pytest.mark.usefixtures("redis_keys")


class Source:
    """A row that changes, and what each reader and writer does with it, one step at a time."""

    def __init__(self, key: str) -> None:
        self.key, self.value = key, 0

    def reader(self) -> Iterator[None]:
        found = leases.look_up(self.key)
        yield
        if found.value is None:
            read = self.value
            yield
            leases.fill(self.key, found.token, str(read).encode(), seconds=60)

    def writer(self) -> Iterator[None]:
        self.value += 1
        yield
        leases.forget([self.key])

    def flush(self) -> Iterator[None]:
        yield
        cache().delete(self.key, f"{self.key}:lease")


def interleaved(steps: list[Iterator[None]], chance: random.Random) -> None:
    while steps:
        chosen = chance.choice(steps)
        if next(chosen, "ended") == "ended":
            steps.remove(chosen)


@pytest.mark.parametrize("schedules", [200, pytest.param(3_000, marks=pytest.mark.fault)])
@pytest.mark.parametrize("is_flushed", [False, True])
def test_no_schedule_of_readers_and_writers_leaves_a_stale_value(*, schedules: int, is_flushed: bool) -> None:
    chance = random.Random(20261121)
    stale = filled = 0
    for schedule in range(schedules):
        source = Source(f"test-lease:{schedule}")
        steps = [source.writer(), source.reader(), source.writer(), source.reader()]
        interleaved(steps + ([source.flush()] if is_flushed else []), chance)
        left = cache().get(source.key)
        filled += left is not None
        stale += left is not None and int(left) != source.value
        cache().delete(source.key, f"{source.key}:lease")
    assert stale == 0
    assert filled > schedules / 15  # the schedules do fill the cache


def test_deleting_without_a_lease_would_leave_stale_values() -> None:
    """The recipe that the lease replaces, under the same schedules: the check above can fail."""

    class Unleased(Source):
        def reader(self) -> Iterator[None]:
            if cache().get(self.key) is None:
                read = self.value
                yield
                cache().set(self.key, read, ex=60)

    chance = random.Random(20261121)
    stale = 0
    for schedule in range(200):
        source = Unleased(f"test-lease:{schedule}")
        interleaved([source.writer(), source.reader(), source.writer(), source.reader()], chance)
        left = cache().get(source.key)
        stale += left is not None and int(left) != source.value
        cache().delete(source.key)
    assert stale > 4


def test_one_of_many_that_miss_may_fill() -> None:
    first, second = leases.look_up("test-lease:k"), leases.look_up("test-lease:k")
    assert (bool(first.token), second.token) == (True, "")
    assert not leases.fill("test-lease:k", second.token, b"x", seconds=60)
    assert leases.fill("test-lease:k", first.token, b"v", seconds=60)
    assert leases.look_up("test-lease:k").value == b"v"
    assert 0 < cache().ttl("test-lease:k") <= 60
    leases.forget(["test-lease:k"])
