"""Announcements: heard here at once, elsewhere over the broker, and never in anybody's way."""

import threading
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.db import transaction

from registry.messaging import announce, announcing, fanout, on_announcement

heard: list[str] = []


@pytest.fixture(autouse=True)
def _listeners() -> Iterator[None]:
    heard.clear()
    before = dict(announcing.LISTENERS)
    announcing.LISTENERS.clear()
    yield
    announcing.LISTENERS.clear()
    announcing.LISTENERS.update(before)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("broker")
def test_another_process_hears_it_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "_self", lambda: threading.current_thread().name)
    monkeypatch.setattr(fanout, "TELL_SECONDS", 10.0)
    arrived, ready, stop = threading.Event(), threading.Event(), threading.Event()

    @on_announcement("rules")
    def forget(*, rule: str) -> None:
        heard.append(rule)
        if threading.current_thread().name == "elsewhere":
            arrived.set()

    thread = threading.Thread(target=fanout.listen, args=(stop, ready.set), name="elsewhere")
    thread.start()
    try:
        assert ready.wait(20)
        with transaction.atomic():
            announce("rules", rule="spree")
            assert heard == []
        assert arrived.wait(20)
        assert heard == ["spree", "spree"]
    finally:
        stop.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_and_a_listener_that_fails_are_in_nobodys_way(settings: LazySettings) -> None:
    settings.BROKER_URL = "amqp://127.0.0.1:1//"
    on_announcement("rules")(lambda: 1 / 0)
    on_announcement("rules")(lambda: heard.append("second"))
    announce("rules")
    assert heard == ["second"]


def test_a_process_without_listeners_does_not_listen() -> None:
    assert fanout.start_listening(threading.Event()) is None
