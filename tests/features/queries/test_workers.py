import datetime as dt
import time

import pytest
from django.conf import LazySettings
from django.db import connection as postgresql
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from features.online import connection, heartbeats
from features.online.heartbeats import Beat, put
from features.queries import workers as queries
from features.queries.workers import workers
from registry.models import TrainingRun
from registry.services.permissions import grant_permission
from tests.factories import MetricFactory, RunFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


def now_ms() -> int:
    return int(time.time() * 1_000)


def running(**fields: object) -> TrainingRun:
    return RunFactory.create(
        status="RUNNING", ended_at=None, started_at=timezone.now() - dt.timedelta(hours=2), **fields
    )


def test_states_go_by_the_last_sign_of_life_the_latest_first() -> None:
    for name, seconds in (("gone", 121), ("alive", 20), ("quiet", 31)):
        put(Beat(running(name=name).run_id, "ada", "api", at_ms=now_ms() - seconds * 1_000))
    found = workers(UserFactory.create())
    assert [(row.name, row.state) for row in found.rows] == [
        (state,) * 2 for state in ("alive", "quiet", "gone")
    ]
    assert [found.count(state) for state in ("alive", "quiet", "gone")] == [1, 1, 1]
    assert found.problem == ""


def test_without_a_heartbeat_the_last_metric_counts_unless_its_clock_is_wrong() -> None:
    right, wrong = running(name="right"), running(name="wrong")
    MetricFactory.create(run=right, latest_timestamp_ms=now_ms() - 1_000, latest_step=9)
    MetricFactory.create(run=wrong, latest_timestamp_ms=2**62)
    found = {row.name: (row.state, row.last_step, row.source) for row in workers(UserFactory.create()).rows}
    assert found["right"] == ("alive", 9, "")
    assert found["wrong"][0] == "gone"


def test_only_running_runs_that_one_may_read_are_there() -> None:
    user = UserFactory.create()
    RunFactory.create(status="FINISHED")
    hidden, shown = running(), running()
    grant_permission(experiment=hidden.experiment, user=user, level="NO_PERMISSIONS", by=None)
    for run in (hidden, shown):
        put(Beat(run.run_id, at_ms=now_ms()))
    assert [row.run_id for row in workers(user).rows] == [shown.run_id]


def test_a_run_that_others_outnumber_in_redis_keeps_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeats, "MOST_READ", 1)
    put(Beat(running().run_id, "ada", "api", "gpu-1", at_ms=now_ms() - 1_000))
    put(Beat(RunFactory.create(status="FINISHED").run_id, at_ms=now_ms()))
    assert [row.host for row in workers(UserFactory.create()).rows] == ["gpu-1"]


def test_without_redis_the_record_tells_and_it_is_said(settings: LazySettings) -> None:
    run = running()
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    try:
        found = workers(UserFactory.create())
    finally:
        connection.cache.cache_clear()
    assert [row.run_id for row in found.rows] == [run.run_id]
    assert "Redis does not answer" in found.problem


def test_any_number_of_workers_takes_two_statements_that_join_few_metrics(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = UserFactory.create()
    for count in range(1, 4):
        put(Beat(running().run_id, at_ms=now_ms()))
        with CaptureQueriesContext(postgresql) as asked:
            assert len(workers(user).rows) == count
        newest, shown = (each["sql"] for each in asked)
        assert "registry_metric" not in newest
        assert '"run_id" IN (' in shown
    monkeypatch.setattr(queries, "LIMIT", 2)
    found = workers(user)
    assert (len(found.rows), found.is_cut) == (2, True)
