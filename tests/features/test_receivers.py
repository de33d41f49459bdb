import os
import socket

import pytest
from django.conf import LazySettings

from features.online import connection, doorbells, heartbeats
from features.online.heartbeats import beats
from features.queries.workers import workers
from registry.acting import acting_as
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.tracking import Tracker
from tests.factories import RunFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("mongo", "redis_keys"),
]


@pytest.fixture(autouse=True)
def _anew() -> None:
    doorbells.forget_rung()
    heartbeats.forget_beaten()


def test_a_tracker_is_alive_with_its_host_and_process() -> None:
    ada = UserFactory.create(username="ada")
    run = Tracker(user="ada").start_run(experiment="e", name="first")
    run.log_epoch(3, {"loss": 0.5})
    (worker,) = workers(ada).rows
    assert (worker.run_id, worker.state, worker.username, worker.source) == (
        run.run_id, "alive", "ada", "tracker",
    )  # fmt: skip
    assert (worker.host, worker.pid, worker.last_step) == (socket.gethostname(), os.getpid(), 3)
    run.end()
    assert workers(ada).rows == []


def test_a_heartbeat_of_the_tracker_is_a_sign_of_life() -> None:
    run = Tracker().start_run(experiment="e")
    connection.delete_keys(prefix=doorbells.settings.REDIS_KEY_PREFIX)
    doorbells.forget_rung()
    heartbeats.forget_beaten()
    run.heartbeat()
    assert beats().keys() == {run.run_id}


def test_a_heartbeat_tells_nobody_anything_unless_it_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Tracker().start_run(experiment="e")
    told: list[str] = []
    monkeypatch.setattr(doorbells, "ring", lambda bell, **_: told.append(bell))
    for _ in range(3):
        doorbells.forget_rung()
        run.heartbeat()
    assert told == []
    heartbeats.forget_beaten()
    run.heartbeat()
    assert told == [run.run_id]


@pytest.mark.parametrize(
    ("channel", "client", "source"),
    [("api", "platform", "api"), ("api", "mlflow", "mlflow"), ("web", "", None)],
)
def test_what_speaks_is_told_and_a_person_at_the_page_is_no_worker(
    channel: str, client: str, source: str | None
) -> None:
    run = RunFactory.create(status="RUNNING", ended_at=None)
    with acting_as(channel=channel, client=client):
        log_metrics(run_id=run.run_id, points=[MetricSample("loss", 0.5, 1, 1)])
    assert {beat.source for beat in beats().values()} == ({source} if source else set())


def test_without_redis_logging_goes_on(settings: LazySettings) -> None:
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    try:
        run = RunFactory.create(status="RUNNING", ended_at=None)
        with acting_as(channel="api"):
            for step in range(3):
                log_metrics(run_id=run.run_id, points=[MetricSample("loss", 0.5, step, step)])
    finally:
        connection.cache.cache_clear()
    assert run.metrics.get().latest_step == 2
