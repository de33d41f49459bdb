"""Plain SQL past every service, and what Redis holds after the log was read."""

from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import connection

from features import keys
from features.caches import RUN_INFO
from features.online import capture_consumer, deployments, leases
from features.online.capture_consumer import CacheConsumer
from features.online.connection import cache, store
from features.services.model_info import get_model_info
from registry.enums import DeploymentStatus, Environment
from registry.models import Deployment
from registry.sync.capture import runner, visibility
from registry.sync.capture.consumers import Position
from registry.sync.targets import TargetUnavailableError
from tests.factories import ModelVersionFactory
from tests.features.away import redis_is_away
from tests.features.services.test_model_info import run_id
from tests.resilience.timing import until

__all__ = ["run_id"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
OTHER = "f" * 32


@pytest.fixture
def consumer() -> Iterator[CacheConsumer]:
    made = CacheConsumer()
    runner.reset(made)
    runner.catch_up(made)
    yield made
    runner.reset(made)


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def no_slot_is_read() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_replication_slots WHERE database = current_database() AND active"
        )
        return bool(cursor.fetchone() == (0,))


def warm(run_id: str) -> None:
    get_model_info(run_id=run_id)
    cache().set(keys.run_info(OTHER), b"{}")


def kept(*run_ids: str) -> list[bool]:
    return [bool(cache().exists(keys.run_info(each))) for each in run_ids]


def test_rows_changed_by_plain_sql_make_the_cache_forget_their_run(
    consumer: CacheConsumer, run_id: str
) -> None:
    for statement, is_other_kept in (
        ("UPDATE registry_trainingrun SET name = 'another'", True),
        ("UPDATE registry_metric SET latest_value = 0.5", True),
        (
            "INSERT INTO registry_param (run_id, key, value) SELECT id, 'k', 'v' FROM registry_trainingrun",
            True,
        ),
        (
            "INSERT INTO registry_runtag (run_id, key, value) SELECT id, 'k', 'v' FROM registry_trainingrun",
            True,
        ),
        ("UPDATE registry_runtag SET value = 'w'", True),
        ("DELETE FROM registry_runtag", True),
        ("DELETE FROM registry_param WHERE key = 'k'", True),
        ("DELETE FROM registry_metric", False),
        ("TRUNCATE registry_runtag", False),
    ):
        warm(run_id)
        execute(statement)
        runner.catch_up(consumer)
        assert kept(run_id, OTHER) == [False, is_other_kept], statement
    told = consumer.position()
    assert told is not None
    assert told.rows >= 9


def test_a_reader_that_read_before_the_change_fills_nothing(consumer: CacheConsumer, run_id: str) -> None:
    key = keys.run_info(run_id)
    asked = leases.look_up(key)
    execute("UPDATE registry_trainingrun SET name = 'another'")
    runner.catch_up(consumer)
    assert asked.token
    assert not leases.fill(key, asked.token, b"old", seconds=RUN_INFO.seconds)


def test_what_changed_while_redis_was_away_is_forgotten_when_it_is_back(
    consumer: CacheConsumer, run_id: str, settings: LazySettings
) -> None:
    warm(run_id)
    with redis_is_away(settings, "CACHE"):
        execute("UPDATE registry_trainingrun SET name = 'another'")
        with pytest.raises(TargetUnavailableError, match="Redis"):
            runner.catch_up(consumer)
    assert kept(run_id) == [True]
    assert runner.catch_up(consumer).rows >= 1
    assert kept(run_id) == [False]


def test_an_emptied_cache_begins_anew_by_itself(consumer: CacheConsumer, run_id: str) -> None:
    cache().delete(keys.capture_position())
    warm(run_id)
    runner.catch_up(consumer)
    assert kept(run_id, OTHER) == [False, False]
    assert consumer.position() is not None


def test_a_process_that_was_frozen_does_not_put_an_older_position_back(consumer: CacheConsumer) -> None:
    now = consumer.position()
    capture_consumer._keep(Position(1))
    assert consumer.position() == now


def test_live_deployments_follow_rows_changed_by_plain_sql(consumer: CacheConsumer) -> None:
    version = ModelVersionFactory()
    place = version.model.name, Environment.STAGING.value
    Deployment.objects.create(
        model=version.model, version=version, environment=place[1], status=DeploymentStatus.LIVE
    )
    runner.catch_up(consumer)
    found = deployments.live(*place)
    assert found is not None
    assert found.version == version.number
    execute("UPDATE registry_deployment SET endpoint = 'https://there.example/'")
    runner.catch_up(consumer)
    moved = deployments.live(*place)
    assert moved is not None
    assert moved.endpoint == "https://there.example/"
    execute("DELETE FROM registry_deployment")
    runner.catch_up(consumer)
    assert store().hgetall(keys.deployments()) == {}


def test_commits_are_waited_for_until_others_see_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visibility, "LONGEST_WAIT_SECONDS", 0.02)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()::xid::text::bigint")
            xid = cursor.fetchone()[0]
            with pytest.raises(TargetUnavailableError, match="does not show yet"):
                visibility.wait_until_visible([xid])
            cursor.execute("COMMIT")
        visibility.wait_until_visible([xid])
        with pytest.raises(TargetUnavailableError):
            visibility.wait_until_visible([xid + 1_000])
    finally:
        other.close()


def test_the_command_runs_tells_and_resets(
    consumer: CacheConsumer, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("cdc", "run", "--once", "--consumer", "cache")
    until(no_slot_is_read, seconds=20)  # PostgreSQL has noticed that the reader left
    call_command("cdc", "status", "--consumer", "cache")
    call_command("cdc", "reset", "--consumer", "cache")
    told = capsys.readouterr().out
    assert "cache: 0 transactions, 0 rows applied." in told
    assert "stopped" in told
    assert "cache: slot and position dropped; the next run begins with a snapshot." in told
