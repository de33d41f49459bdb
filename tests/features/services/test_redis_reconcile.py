"""Drift planted in Redis: found exactly, mended exactly."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from redis.exceptions import RedisError

from features import keys
from features.online import connection, leaderboards
from features.online.leaderboards import Standing
from features.queries.standings import standings_of
from features.services.model_info import get_model_info
from registry.enums import OutboxTarget
from registry.models import OutboxEntry, ReconcileReport, TrainingRun
from registry.services.runs import delete_run
from registry.sync import relay
from registry.sync.reconcile.drift import Kind
from registry.sync.reconcile.promises import promise_runs
from registry.sync.reconcile.service import reconcile
from tests.factories import DatasetFactory, RunFactory

pytestmark = pytest.mark.django_db(transaction=True)
Drift = set[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def runs(mongo: Any, redis_keys: None) -> list[TrainingRun]:
    """Four finished runs on a board and cached, their bodies kept; one that failed."""
    dataset = DatasetFactory(name="d")
    made = [RunFactory.create(dataset=dataset, accuracy=number / 10) for number in (5, 6, 7, 8)]
    made.append(RunFactory.create(dataset=dataset, status="FAILED"))
    *_, _report = reconcile(repair=True)
    for run in made:
        get_model_info(run_id=run.run_id)
    return made


def look(**named: Any) -> ReconcileReport:
    *_, report = reconcile(**named)
    assert isinstance(report, ReconcileReport)
    return report


def drift(report: ReconcileReport) -> Drift:
    return {(each["place"], each["kind"], each["subject"]) for each in report.result["findings"]}


def is_found_and_mended(expected: Drift, before: Any) -> None:
    assert drift(look()) == expected
    report = look(repair=True)
    assert (drift(report), report.mended) == (expected, len(expected))
    assert drift(look(deep=True)) == set()
    assert standing() == before


def standing() -> dict[str, Any]:
    """The boards as Redis has them."""
    found = connection.store().scan_iter(keys.board("*", "accuracy"), _type="zset")
    return {key.decode(): connection.store().zrange(key, 0, -1, withscores=True) for key in found}


def test_boards_and_cache_that_agree_are_left_alone(runs: list[TrainingRun]) -> None:
    before = standing()
    assert [len(places) for places in before.values()] == [4]
    report = look(repair=True, deep=True)
    assert (drift(report), report.is_clean) == (set(), True)
    assert standing() == before


def plant_missing(run: TrainingRun) -> None:
    leaderboards.remove([run.run_id])


def plant_score(run: TrainingRun) -> None:
    connection.store().zadd(keys.board("d", "accuracy"), {run.run_id: 0.999})


def plant_board(run: TrainingRun) -> None:
    leaderboards.put([Standing(run.run_id, run.version, "elsewhere", {"accuracy": 0.4})])


def plant_second_board(run: TrainingRun) -> None:
    connection.store().zadd(keys.board("elsewhere", "accuracy"), {run.run_id: 0.5})


def plant_ahead(run: TrainingRun) -> None:
    leaderboards.put([Standing(run.run_id, 99, "d", standings_of({run.run_id: 0})[0].scores)])


def plant_ahead_and_gone(run: TrainingRun) -> None:
    leaderboards.put([Standing(run.run_id, 99)])


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (plant_missing, Kind.MISSING),
        (plant_score, Kind.OTHER_SCORE),
        (plant_board, Kind.OTHER_BOARD),
        (plant_second_board, Kind.EXTRA),
        (plant_ahead, Kind.AHEAD),
        (plant_ahead_and_gone, Kind.MISSING),
    ],
)
def test_a_place_that_has_come_apart_is_put_right(
    plant: Callable[[TrainingRun], None], kind: Kind, runs: list[TrainingRun]
) -> None:
    before = standing()
    plant(runs[1])
    is_found_and_mended({("leaderboards", kind, runs[1].run_id)}, before)


@pytest.mark.parametrize("member", ["f" * 32, "no run at all"])
@pytest.mark.parametrize("has_place", [True, False])
def test_what_postgresql_does_not_know_is_taken_off(member: str, *, has_place: bool) -> None:
    before = standing()
    if has_place:
        leaderboards.put([Standing(member, 3, "d", {"accuracy": 0.4})])
    else:
        connection.store().zadd(keys.board("d", "accuracy"), {member: 0.4})
    is_found_and_mended({("leaderboards", Kind.EXTRA, member)}, before)


def test_a_run_in_the_bin_or_failed_that_stands_is_taken_off(runs: list[TrainingRun]) -> None:
    delete_run(run_id=runs[0].run_id)
    relay.drain()
    before = standing()
    for run in (runs[0], runs[4]):
        connection.store().zadd(keys.board("d", "accuracy"), {run.run_id: 0.4})
    is_found_and_mended({("leaderboards", Kind.EXTRA, each.run_id) for each in (runs[0], runs[4])}, before)


def test_boards_that_were_flushed_are_made_again(runs: list[TrainingRun]) -> None:
    before = standing()
    connection.store().delete(*before, keys.board_places())
    is_found_and_mended({("leaderboards", Kind.MISSING, run.run_id) for run in runs[:4]}, before)


def test_a_cached_run_that_is_not_the_run_is_forgotten(runs: list[TrainingRun]) -> None:
    run_id = runs[2].run_id
    connection.cache().set(keys.run_info(run_id), b'{"name": "old"}')
    connection.cache().set(keys.run_info("a" * 32), b"{}")
    expected = {("run-info", Kind.STALE, run_id), ("run-info", Kind.ORPHAN, "a" * 32)}
    is_found_and_mended(expected, standing())
    assert get_model_info(run_id=run_id).run.name == runs[2].name
    assert connection.cache().get(keys.run_info("a" * 32)) is None


def test_what_waits_for_delivery_is_no_drift(runs: list[TrainingRun]) -> None:
    for run in runs[:2]:
        plant_missing(run)
    promise_runs({runs[0].run_id: 1})
    promise_runs({runs[0].run_id: 1})
    assert OutboxEntry.objects.filter(target=OutboxTarget.REDIS).count() == 1
    assert drift(look()) == {("leaderboards", Kind.MISSING, runs[1].run_id)}


@pytest.fixture
def redis_away(settings: LazySettings) -> Iterator[None]:
    urls = settings.REDIS_STORE_URL, settings.REDIS_CACHE_URL
    settings.REDIS_STORE_URL = settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    for client in (connection.store, connection.cache):
        client.cache_clear()
    yield
    settings.REDIS_STORE_URL, settings.REDIS_CACHE_URL = urls
    for client in (connection.store, connection.cache):
        client.cache_clear()


def test_redis_being_away_leaves_its_places_unchecked(redis_away: None) -> None:
    with pytest.raises(RedisError):
        connection.store().ping()
    report = look(repair=True)
    problems = {each["place"]: each["problem"] for each in report.result["places"] if each["problem"]}
    assert problems.keys() == {"activity", "features", "leaderboards", "run-info"}
    assert all("manage.py doctor" in each for each in problems.values())
    assert (report.unchecked, report.is_clean) == (4, False)
