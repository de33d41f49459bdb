"""The store benchmark measures right answers alone, and leaves nothing behind; its figures are not tested."""

import threading
from collections.abc import Callable
from typing import Any

import mongoengine
import pytest
from django.conf import settings
from django.db import connection

from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.works import (
    COMPLEX_QUERY,
    DRIVER,
    DURABLE_WRITES,
    KEY_VALUE_READ,
    POSTGRESQL,
    REDIS,
    SIMPLE_READ,
    STORES,
    WORKS,
    WRITES,
)
from analysis.benchmarks.tracking.jobs import WrongAnswerError
from features.online.connection import cache, store
from mlplatform_site.benchmark.stores import orm_ways
from mlplatform_site.benchmark.stores.asking import Asking
from mlplatform_site.benchmark.stores.redis_fsync import synced_before_the_answer, why_not_synced
from mlplatform_site.benchmark.stores.running import Options, all_ways, run
from mlplatform_site.benchmark.stores.stretches import Order, Stretch, stretch
from mlplatform_site.benchmark.stores.way import Way
from registry.documents import connection as mongodb

RECORDS = 50


@pytest.fixture(scope="module")
def asking() -> Asking:
    return Asking(RECORDS)


def worked(asking: Asking, operation: Callable[[Any], Any], work: str = KEY_VALUE_READ) -> Stretch:
    way = Way(work, DRIVER, POSTGRESQL, "way", lambda: operation)
    order = Order(0, 1, 0.02, "seed")
    return stretch(way, operation, order, asking=asking, barrier=threading.Barrier(1), place=0)


def right(key: str) -> str:
    return next(data.value(number) for number in range(RECORDS) if data.key(number) == key)


def test_a_stretch_times_every_operation(asking: Asking) -> None:
    found = worked(asking, right)
    assert found.done > len(found.microseconds) >= 2
    assert found.per_second > 0
    assert found.failures == []


def test_a_wrong_answer_ends_the_benchmark(asking: Asking) -> None:
    with pytest.raises(WrongAnswerError, match="key_value_read"):
        worked(asking, lambda _: "another")


def test_operations_that_fail_are_counted_and_not_timed(asking: Asking) -> None:
    def failing(_: str) -> str:
        raise TimeoutError("late")

    found = worked(asking, failing)
    assert (found.microseconds, found.done, found.per_second) == ([], 0, 0.0)
    assert set(found.failures) == {"TimeoutError: late"}


def test_a_mean_may_differ_in_its_last_digits_alone(asking: Asking) -> None:
    def nearly(loss: float, by: float = 1e-12) -> list[Any]:
        return [(name, count, mean + by, best) for name, count, mean, best in data.groups(RECORDS, loss)]

    assert worked(asking, nearly, COMPLEX_QUERY).done
    with pytest.raises(WrongAnswerError, match="complex_query"):
        worked(asking, lambda loss: nearly(loss, 1e-3), COMPLEX_QUERY)


def test_the_same_seed_asks_the_same(asking: Asking) -> None:
    asked: list[list[str]] = []
    for _ in range(2):
        heard: list[str] = []
        worked(asking, lambda key, heard=heard: heard.append(key) or right(key))
        asked.append(heard)
    assert asked[0][:4] == asked[1][:4]


def test_every_work_is_done_by_every_store_at_each_of_its_levels() -> None:
    offered = {(way.work, way.level, way.store) for way in all_ways()}
    asked = {
        (work.name, level, store) for work in WORKS.values() for level in work.levels for store in STORES
    }
    assert asked <= offered
    assert all(way.durability for way in all_ways() if way.work in WRITES)


@pytest.mark.usefixtures("redis_keys")
def test_redis_syncs_each_write_meanwhile_and_is_then_as_it_was() -> None:
    before = store().config_get("appendfsync")
    with synced_before_the_answer():
        assert set(store().config_get("appendfsync").values()) == {"always"}
    assert store().config_get("appendfsync") == before
    assert why_not_synced(is_private=True) == ""


def test_a_redis_that_others_use_is_not_switched() -> None:
    assert why_not_synced(is_private=False).startswith("not offered")
    synced = {way.work for way in all_ways() if way.store == REDIS and way.is_synced}
    assert synced == set(DURABLE_WRITES)


@pytest.mark.django_db(transaction=True)
def test_the_orm_commits_by_the_promise_of_each_way() -> None:
    def committed() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return str(cursor.fetchone()[0])

    seen: list[str] = []
    for wanted in ("off", "on", "off", "on"):
        orm_ways.committed_as(wanted, lambda _: seen.append(committed()))(None)
    assert seen == ["off", "on", "off", "on"]


@pytest.mark.fault
@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("mongo", "redis_keys")
def test_all_ways_answer_alike_and_nothing_stays_in_the_stores() -> None:
    real = (connection.settings_dict["NAME"], mongodb.database_name(), settings.REDIS_KEY_PREFIX)
    options = Options(works=list(WORKS), rounds=1, seconds=0.005, records=300, seed=1, clients=(2,))
    benchmark, series = run(options, report=lambda *_: None)
    assert [each.error for each in benchmark.results if each.error.count("failed")] == []
    assert len(series) == len(benchmark.results) == len(all_ways())
    assert benchmark.figure(SIMPLE_READ, DRIVER, POSTGRESQL, 2) is not None
    assert (connection.settings_dict["NAME"], mongodb.database_name(), settings.REDIS_KEY_PREFIX) == real
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [f"{real[0]}_bench"])
        assert cursor.fetchone() == (0,)
    assert f"{real[1]}_bench" not in mongoengine.get_connection().list_database_names()
    assert [name for server in (cache(), store()) for name in server.keys(f"{real[2]}_bench*")] == []
