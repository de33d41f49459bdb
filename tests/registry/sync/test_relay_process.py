import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from registry.documents.connection import collection
from registry.models import OutboxEntry
from registry.services.runs import start_run
from registry.sync import relay_process, wakeup
from registry.sync.outbox import only_promised
from registry.sync.relay_process import Worker
from registry.sync.targets import TargetUnavailableError
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
SECONDS = 20


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def until(condition: Callable[[], bool]) -> bool:
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_a_relay_delivers_what_writers_left_and_ends_when_told_to(stop: threading.Event) -> None:
    passes: list[int] = []

    def clear_away() -> int:
        passes.append(1)
        return 0

    extra = {"Housekeeping": (clear_away, 60.0)}
    relay = threading.Thread(target=relay_process.run, args=(stop, extra))
    relay.start()
    experiment = ExperimentFactory()
    with only_promised():
        runs = [start_run(experiment=experiment.name) for _ in range(3)]
    assert until(lambda: OutboxEntry.objects.count() == 0)
    assert collection("runs").count_documents({}) == len(runs)
    assert until(lambda: passes == [1])
    stop.set()
    relay.join(SECONDS)
    assert not relay.is_alive()


def test_a_notification_ends_a_wait(stop: threading.Event) -> None:
    waited: list[float] = []

    def listen() -> None:
        wakeup.listen()
        began = time.monotonic()
        ready.set()
        wakeup.wait(SECONDS)
        waited.append(time.monotonic() - began)
        connection.close()

    ready = threading.Event()
    listener = threading.Thread(target=listen)
    listener.start()
    ready.wait(SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {wakeup.CHANNEL}")
    listener.join(SECONDS)
    assert waited[0] < SECONDS / 2


def test_nobody_is_notified_inside_a_transaction_or_twice_in_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wakeup, "_last", time.monotonic())
    wakeup.wake_relay()
    monkeypatch.setattr(wakeup, "_last", 0.0)
    wakeup.wake_relay()
    assert time.monotonic() - wakeup._last < SECONDS


@pytest.mark.parametrize("error", [TargetUnavailableError("away"), ZeroDivisionError()])
def test_a_step_that_fails_is_repeated(
    stop: threading.Event, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_process, "POSTGRESQL_AWAY_SECONDS", 0.01)
    monkeypatch.setattr(relay_process, "LONGEST_WAIT_SECONDS", 0.01)
    calls: list[int] = []

    def step() -> int:
        calls.append(1)
        if len(calls) < 3:
            raise error
        stop.set()
        return 1

    Worker("A store", step, stop).run()
    assert len(calls) == 3


def test_a_relay_outlives_postgresql(stop: threading.Event, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its session is ended by the server, as in a restart; the next turn has a new one."""
    monkeypatch.setattr(relay_process, "POSTGRESQL_AWAY_SECONDS", 0.01)
    sessions: list[int] = []

    def step() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            sessions.append(cursor.fetchone()[0])
            if len(sessions) == 1:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        stop.set()
        return 1

    worker = threading.Thread(target=Worker("A store", step, stop).run)
    worker.start()
    worker.join(SECONDS)
    assert len(set(sessions)) == 2
