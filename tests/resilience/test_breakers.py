"""The breaker by itself, on a clock that goes only when told to."""

import threading
from types import SimpleNamespace

import pytest

from registry import breakers
from registry.breakers import Breaker, State


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(breakers, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


@pytest.fixture
def breaker(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Breaker:
    monkeypatch.setattr(breakers, "FIRST_SECONDS", 0.05)
    monkeypatch.setattr(breakers, "LONGEST_SECONDS", 0.1)
    return Breaker("trial")


def opened(breaker: Breaker) -> Breaker:
    for _ in range(3):
        assert breaker.admits()
        breaker.failed()
    return breaker


def test_three_failures_running_open_it(breaker: Breaker) -> None:
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    assert opened(breaker).state is State.OPEN
    assert not breaker.admits()
    assert breaker.times_opened == 1


def test_one_call_probes_and_its_success_closes(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.sleep(0.07)
    assert [breaker.admits() for _ in range(3)] == [True, False, False]
    assert breaker.state is State.HALF_OPEN
    breaker.succeeded()
    assert breaker.state is State.CLOSED
    assert breaker.admits()


def test_a_failed_probe_opens_it_for_longer_up_to_a_limit(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    spans = []
    for _ in range(3):
        spans.append(breaker.seconds_left)
        clock.sleep(breaker.seconds_left + 0.005)
        assert breaker.admits()
        breaker.failed()
    assert 0.03 < spans[0] <= 0.06
    assert 0.07 < spans[1] <= 0.12
    assert 0.07 < spans[2] <= 0.12


def test_a_probe_that_says_nothing_leaves_the_next_call_to_probe(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.sleep(0.07)
    assert breaker.admits()
    breaker.abandoned()
    assert breaker.admits()


def test_a_late_failure_does_not_prolong_the_pause(breaker: Breaker) -> None:
    opened(breaker)
    until = breaker._until
    breaker.failed()
    assert breaker._until == until


def test_one_of_many_threads_probes(breaker: Breaker, clock: Clock) -> None:
    opened(breaker)
    clock.sleep(0.07)
    admitted: list[bool] = []
    threads = [threading.Thread(target=lambda: admitted.append(breaker.admits())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(admitted) == 1
