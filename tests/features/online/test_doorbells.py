import select
import time
from collections.abc import Iterator

import pytest
from django.conf import LazySettings

from features import keys
from features.online import connection, doorbells
from features.online.doorbells import Listener, ring
from registry.exceptions import StoreUnavailableError

RUN, OTHER = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def _unrung() -> Iterator[None]:
    doorbells.forget_rung()
    yield
    doorbells.forget_rung()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def heard(listener: Listener, *, seconds: float = 20.0) -> set[str]:
    """The first bells that are heard within so many seconds."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        select.select([listener], [], [], left)
        if bells := listener.rung():
            return bells
    return set()


def until_heard_after(listener: Listener, before: float) -> None:
    until = time.monotonic() + 20
    while listener.heard_at <= before:
        assert time.monotonic() < until
        select.select([listener], [], [], 1)
        assert listener.rung() == set()


def test_only_the_bells_that_are_listened_to_are_heard(listener: Listener) -> None:
    listener.listen_to({RUN, "workers"})
    assert all(ring(bell) for bell in (OTHER, RUN))
    assert heard(listener) == {RUN}
    listener.listen_to({OTHER})
    doorbells.forget_rung()
    assert all(ring(bell) for bell in (RUN, OTHER))
    assert heard(listener) == {OTHER}


def test_a_bell_rings_once_in_a_while_and_every_bell_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(doorbells.time, "monotonic", lambda: now)
    assert [ring(RUN), ring(RUN), ring(OTHER)] == [True, False, True]
    now += doorbells.EVERY_SECONDS
    assert ring(RUN)


def test_what_is_remembered_of_bells_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbells, "MOST_REMEMBERED", 2)
    assert all(ring(bell) for bell in "abc")
    assert doorbells._rung.keys() == {"c"}


def test_other_commands_go_in_the_same_round_trip(redis_keys: None) -> None:
    key = keys.bell("counted")
    assert ring(RUN, beside=lambda pipe: pipe.incr(key))
    assert connection.cache().get(key) == b"1"


def test_a_listener_asks_for_a_sign_of_life(listener: Listener) -> None:
    made_at = listener.heard_at
    until_heard_after(listener, made_at)  # that it listens
    before = listener.heard_at
    listener.ask_for_a_sign()
    until_heard_after(listener, before)


def test_without_redis_one_call_waits_and_the_next_do_not_ask(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    try:
        assert not ring(RUN)
        monkeypatch.setattr(doorbells, "cache", None)  # asking again would fail
        assert not ring(OTHER)
        with pytest.raises(StoreUnavailableError):
            Listener()
    finally:
        connection.cache.cache_clear()


def test_a_redis_that_is_full_still_rings(listener: Listener) -> None:
    listener.listen_to({RUN})
    assert ring(RUN, beside=lambda pipe: pipe.execute_command("EVAL", "return redis.error_reply('OOM')", 0))
    assert heard(listener) == {RUN}
    assert doorbells._quiet_until == 0.0
