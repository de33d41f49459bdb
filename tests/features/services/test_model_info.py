import dataclasses
from collections.abc import Callable

import pytest
from django.db import OperationalError, connection

from features import keys
from features.caches import RUN_INFO
from features.online import connection as redis_connection
from features.online.connection import cache, store
from features.online.leaderboards import Place, head, note_built
from features.queries.standings import all_due_standings, top_by_record
from features.services.model_info import get_complete_model_info, get_model_info
from registry.enums import OutboxStatus, OutboxTarget
from registry.exceptions import NotFoundError
from registry.models import OutboxEntry
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import delete_run, end_run, restore_run, resume_run, start_run
from registry.services.tags import set_run_tags
from registry.sync.relay import drain
from tests.factories import DatasetFactory, ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


@pytest.fixture
def run_id() -> str:
    run = start_run(
        experiment=ExperimentFactory().name, dataset=DatasetFactory(name="d").name, config={"lr": 0.1}
    )
    log_metrics(run_id=run.run_id, points=[MetricSample("accuracy", 0.9, 0, 1)])
    end_run(run_id=run.run_id)
    return str(run.run_id)


def top(dataset: str) -> list[Place]:
    note_built()
    found = head(dataset)
    assert found is not None
    return found.places


def redis_away(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = redis_connection.client("redis://127.0.0.1:1/0", timeout_seconds=0.1)
    for module in ("connection.cache", "leases.cache", "leaderboards.store"):
        monkeypatch.setattr(f"features.online.{module}", lambda: nowhere)


def test_an_ended_run_is_read_from_the_record_once_and_then_from_the_cache(run_id: str) -> None:
    first, second = get_model_info(run_id=run_id), get_model_info(run_id=run_id)
    assert (first.freshness.source, second.freshness.source) == ("postgresql", "redis")
    assert first.run == second.run
    assert 0 < cache().ttl(keys.run_info(run_id)) <= RUN_INFO.seconds


def test_a_running_run_is_not_cached() -> None:
    run = start_run(experiment=ExperimentFactory().name)
    sources = [get_model_info(run_id=run.run_id).freshness.source for _ in range(2)]
    assert sources == ["postgresql", "postgresql"]


@pytest.mark.parametrize(
    "change",
    [
        lambda run_id: set_run_tags(run_id=run_id, tags={"t": "x"}),
        lambda run_id: log_metrics(run_id=run_id, points=[MetricSample("loss", 0.5, 1, 2)]),
        lambda run_id: delete_run(run_id=run_id),
        lambda run_id: resume_run(run_id=run_id),
    ],
)
def test_a_change_is_seen_at_once(run_id: str, change: Callable[[str], object]) -> None:
    get_model_info(run_id=run_id)
    before = get_model_info(run_id=run_id).run
    change(run_id)
    after = get_model_info(run_id=run_id)
    assert (after.freshness.source, after.run.version) == ("postgresql", before.version + 1)


def test_the_writer_reads_its_own_write_even_where_the_cache_was_not_told(run_id: str) -> None:
    get_model_info(run_id=run_id)
    stale = cache().get(keys.run_info(run_id))
    set_run_tags(run_id=run_id, tags={"t": "x"})
    cache().set(keys.run_info(run_id), stale)
    assert get_model_info(run_id=run_id).run.tags == {}
    own = get_model_info(run_id=run_id, at_least_version=3)
    assert (own.run.tags, own.freshness.source) == ({"t": "x"}, "postgresql")


def test_a_whole_run_comes_from_three_stores(run_id: str) -> None:
    info = get_complete_model_info(run_id=run_id)
    assert (info.record.source, info.body_freshness.source, info.place_freshness.source) == (
        "postgresql", "mongodb", "redis",
    )  # fmt: skip
    assert {info.record.state, info.body_freshness.state, info.place_freshness.state} == {"current"}
    assert info.body is not None
    assert info.body["params"] == {"lr": 0.1}
    assert (info.place, info.board_size) == (Place(run_id, 1, 0.9), 1)
    assert info.places == {"accuracy": (Place(run_id, 1, 0.9), 1)}


def test_without_mongodb_the_body_is_the_records_copy(run_id: str, mongodb_away: Callable[[], None]) -> None:
    set_run_tags(run_id=run_id, tags={"t": "x"})
    info = get_complete_model_info(run_id=run_id)
    assert (info.body_freshness.source, info.body_freshness.state) == ("postgresql", "copy")
    assert info.body is not None
    assert info.body["tags"] == [{"k": "t", "v": "x"}]


def test_without_redis_everything_comes_from_the_record(run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    redis_away(monkeypatch)
    assert get_model_info(run_id=run_id).freshness.source == "postgresql"
    info = get_complete_model_info(run_id=run_id)
    assert (info.place, info.place_freshness.source) == (Place(run_id, 1, 0.9), "postgresql")


def test_without_postgresql_a_known_run_is_read_from_the_cache(
    run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    get_model_info(run_id=run_id)
    parameters = connection.get_connection_params() | {"host": "127.0.0.1", "port": 1}
    connection.close()
    monkeypatch.setattr(connection, "get_connection_params", lambda: parameters)
    assert get_model_info(run_id=run_id).run.accuracy == 0.9
    info = get_complete_model_info(run_id=run_id)
    assert (info.record.state, info.body_freshness.state, info.body) == ("cached", "down", None)
    assert info.place == Place(run_id, 1, 0.9)
    with pytest.raises(OperationalError):
        get_complete_model_info(run_id="0" * 32)


def test_the_board_follows_every_change(run_id: str) -> None:
    assert top("d") == top_by_record("d") == [Place(run_id, 1, 0.9)]
    delete_run(run_id=run_id)
    assert top("d") == top_by_record("d") == []
    restore_run(run_id=run_id)
    assert top("d") == [Place(run_id, 1, 0.9)]
    resume_run(run_id=run_id)
    assert top("d") == []
    log_metrics(run_id=run_id, points=[MetricSample("accuracy", 0.95, 1, 2)])
    end_run(run_id=run_id)
    log_metrics(run_id=run_id, points=[MetricSample("accuracy", 0.97, 2, 3)])
    assert top("d") == top_by_record("d") == [Place(run_id, 1, 0.97)]
    assert list(all_due_standings()) == [run_id]


def test_a_run_that_nobody_knows_is_not_found() -> None:
    for ask in (get_model_info, get_complete_model_info):
        with pytest.raises(NotFoundError):
            ask(run_id="0" * 32)


def test_the_cached_record_is_the_record(run_id: str) -> None:
    first = get_model_info(run_id=run_id).run
    assert dataclasses.asdict(get_model_info(run_id=run_id).run) == dataclasses.asdict(first)


def test_what_nobody_foresaw_in_redis_fails_no_page_and_is_tried_again(run_id: str) -> None:
    store().delete(keys.board_places())
    store().set(keys.board_places(), "not a hash")
    set_run_tags(run_id=run_id, tags={"t": "x"})
    assert get_complete_model_info(run_id=run_id).run.tags == {"t": "x"}
    waiting = OutboxEntry.objects.get()
    assert (waiting.target, waiting.status) == (OutboxTarget.REDIS, OutboxStatus.DUE)
    store().delete(keys.board_places())
    assert drain() == 1
    assert top("d") == [Place(run_id, 1, 0.9)]
