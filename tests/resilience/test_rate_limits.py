"""Limits while their Redis hangs: still on, soon at no cost, and shared again afterwards."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings

from features.online import connection
from registry.limits import ledger
from registry.limits.allowance import Allowance
from registry.limits.ledger import LedgerAwayError, Window
from tests.fault_proxy import FaultProxy, Mode
from tests.resilience.test_redis import through
from tests.resilience.timing import timed, until

pytestmark = pytest.mark.usefixtures("redis_keys")


@pytest.fixture
def proxy(settings: LazySettings) -> Iterator[FaultProxy]:
    with FaultProxy(urlsplit(settings.REDIS_CACHE_URL).port or 6379) as proxy:
        settings.REDIS_CACHE_URL = through(proxy, settings.REDIS_CACHE_URL)
        connection.cache.cache_clear()
        yield proxy
    connection.cache.cache_clear()


def is_shared() -> bool:
    try:
        return ledger.ledger().take(Window("probe", 10_000, 60), wanted=1).amount == 1
    except LedgerAwayError:
        return False


@pytest.mark.parametrize("mode", ["blackhole", "reset"])
def test_a_hung_redis_costs_three_timeouts_and_lifts_no_limit(proxy: FaultProxy, mode: Mode) -> None:
    allowance = Allowance(Window("hung", 50, 60))
    assert sum(allowance.spend() == 0 for _ in range(20)) == 20
    proxy.mode = mode
    other = Allowance(Window("other", 30, 60))
    with timed() as took:
        assert sum(allowance.spend() == 0 for _ in range(80)) == 30
        assert sum(other.spend() == 0 for _ in range(80)) == 30
    assert took.seconds < 12
    proxy.mode = "ok"
    until(is_shared, seconds=20)
