"""Sliding windows on the real Redis, by one process and by several at once."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import LazySettings

from features import keys
from features.online import connection, rate_windows
from registry.limits import allowances, ledger
from registry.limits.allowance import Allowance
from registry.limits.ledger import Grant, LedgerAwayError, NoLedger, Window

pytestmark = pytest.mark.usefixtures("redis_keys")


@dataclass
class CountingLedger:
    """The real one, with its calls counted; ``wait`` holds each call up."""

    calls: list[Grant] = field(default_factory=list)

    def take(self, window: Window, *, wanted: int, returned: int = 0, returned_slot: int = 0) -> Grant:
        grant = rate_windows.RedisLedger().take(
            window, wanted=wanted, returned=returned, returned_slot=returned_slot
        )
        self.calls.append(grant)
        return grant


@pytest.fixture(autouse=True)
def counted() -> Iterator[CountingLedger]:
    allowances.forget_all()
    before, counting = ledger.ledger(), CountingLedger()
    ledger.enrol(counting)
    yield counting
    ledger.enrol(before)
    allowances.forget_all()


@pytest.fixture
def redis_away(settings: LazySettings) -> Iterator[None]:
    """The ledger's Redis at a port where nothing answers."""
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    yield
    connection.cache.cache_clear()


def spent(allowance: Allowance, tries: int) -> int:
    return sum(allowance.spend() == 0 for _ in range(tries))


def test_a_limit_is_reached_and_not_passed_and_the_wait_is_told() -> None:
    allowance = Allowance(Window("a", 100, 60))
    assert spent(allowance, 150) == 100
    assert 50 < allowance.spend() <= 63


def test_a_busy_client_costs_a_call_for_many_requests(counted: CountingLedger) -> None:
    allowance = Allowance(Window("a", 100_000, 60, life_seconds=60.0))  # none expires on a slow machine
    assert spent(allowance, 10_000) == 10_000
    assert len(counted.calls) < 15


def test_a_flood_of_refused_requests_costs_one_call(counted: CountingLedger) -> None:
    allowance = Allowance(Window("a", 1, 60))
    assert spent(allowance, 1_000) == 1
    assert len(counted.calls) <= 2


def test_processes_share_the_window_and_none_passes_the_limit() -> None:
    processes = [Allowance(Window("shared", 1_000, 60)) for _ in range(4)]
    total, lock = [0], threading.Lock()

    def work(allowance: Allowance) -> None:
        found = spent(allowance, 400)
        with lock:
            total[0] += found

    threads = [threading.Thread(target=work, args=(processes[place % 4],)) for place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # 3,200 tries. What a process still holds of its last grant is lost to the others for now.
    assert total[0] <= 1_000
    assert total[0] >= 1_000 - 4 * 50


def test_the_window_slides(counted: CountingLedger) -> None:
    allowance = Allowance(Window("short", 2, 1, life_seconds=0.05))
    began, allowed = time.monotonic(), 0
    while allowed < 3:
        assert time.monotonic() - began < 20, "it never opens again"
        if allowance.spend():
            assert allowed == 2
            time.sleep(0.05)
        else:
            allowed += 1
    assert time.monotonic() - began > 0.9


def test_what_is_left_of_a_grant_goes_back(counted: CountingLedger) -> None:
    first, second = (Allowance(Window("b", 160, 60, life_seconds=0.02)) for _ in range(2))
    assert first.spend() == 0
    assert counted.calls[-1].amount == 8
    time.sleep(0.03)
    assert first.spend() == 0  # puts 7 back, and takes 1
    assert spent(second, 200) == 158


def test_one_that_is_put_back_counts_for_nothing() -> None:
    exact = Allowance(Window("c", 2, 60), is_exact=True)
    for _ in range(5):
        assert exact.spend() == 0
        exact.put_back()
    assert spent(exact, 5) == 2


def test_without_redis_each_process_goes_by_what_it_allowed(redis_away: None) -> None:
    allowance = Allowance(Window("d", 50, 60))
    assert spent(allowance, 80) == 50
    assert 50 < allowance.spend() <= 63
    exact = Allowance(Window("e", 3, 60), is_exact=True)
    assert exact.spend() == 0
    exact.put_back()
    assert spent(exact, 9) == 3


def test_what_redis_forgot_a_process_still_knows() -> None:
    allowance = Allowance(Window("f", 100, 60))
    assert spent(allowance, 60) == 60
    assert connection.cache().delete(keys.rate_window("f")) == 1
    assert spent(allowance, 200) == 40


def test_a_window_lies_in_redis_no_longer_than_it_lasts() -> None:
    began = time.monotonic()
    Allowance(Window("g", 10, 60)).spend()
    left = connection.cache().pttl(keys.rate_window("g"))
    assert 61_000 - (time.monotonic() - began) * 1_000 < left <= 62_000


def test_many_windows_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowances, "MOST", 10)
    found = [allowances.allowance(f"n{number}", limit=5) for number in range(25)]
    assert found[-1] is allowances.allowance("n24", limit=5)
    assert len(allowances._known) <= 10
    found[-1].spend()
    assert allowances.allowance("n24", limit=6).window.limit == 6


def test_without_a_ledger_nothing_is_known() -> None:
    with pytest.raises(LedgerAwayError):
        NoLedger().take(Window("h", 1, 60), wanted=1)
