import datetime as dt
import itertools
import math
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import redis
from django.conf import LazySettings
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries

from features import keys
from features.models import Entity, Feature, FeatureValue, FeatureView
from features.online import connection as redis_connection
from features.online import feature_values
from features.queries.view_schemas import view_schema
from features.services.online_features import (
    OnlineRow,
    Status,
    get_online_features,
    read_online_features,
    write_online_features,
)
from features.view_schema import FeatureField, ViewSchema
from registry.exceptions import BadInputError, NotFoundError, StoreUnavailableError
from tests.fault_proxy import FaultProxy

pytestmark = pytest.mark.usefixtures("redis_keys")
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
TYPES = ("float", "int", "bool", "string", "vector")
VALUES = {
    "a_float": math.inf,
    "a_int": -(1 << 63),
    "a_bool": True,
    "a_string": "ž\0{}",
    "a_vector": [1.5, 0.0],
}


def schema(**changed: Any) -> ViewSchema:
    fields = tuple(FeatureField(f"a_{each}", each) for each in TYPES)
    plain = {
        "name": "all",
        "version": 1,
        "entity": "customer",
        "join_keys": ("customer_id",),
        "ttl_seconds": None,
    }
    return ViewSchema(**{**plain, "fields": fields, **changed})


def one(value: float, event_at: dt.datetime = NOW, key: str = "c1") -> OnlineRow:
    return OnlineRow(key, event_at, {"a_float": value})


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Grows with each round trip to the store: a command or a pipeline is sent at once."""
    sent: list[object] = []
    kind: Any = redis_connection.store().connection_pool.connection_class
    send = kind.send_packed_command

    def counted(self: Any, command: Any, **named: Any) -> Any:
        sent.append(command)
        return send(self, command, **named)

    monkeypatch.setattr(kind, "send_packed_command", counted)
    return sent


@pytest.fixture
def proxy(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultProxy]:
    """Between us and the store."""
    port = urlsplit(settings.REDIS_STORE_URL).port or 6379
    with FaultProxy(port) as proxy:
        url = settings.REDIS_STORE_URL.replace(f":{port}", f":{proxy.port}")
        pool = redis_connection.StorePool.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        client = redis.Redis.from_pool(pool)
        monkeypatch.setattr(redis_connection, "store", lambda: client)
        yield proxy
        client.close()


@pytest.fixture
def views(db: None) -> list[ViewSchema]:
    """Two views of one entity with an offline value of customer 7: 1.5 two days ago and 2.5 yesterday."""
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    for name in ("one", "two"):
        made = FeatureView.objects.create(name=name, entity=entity, ttl_seconds=36 * 3_600)
        for position, feature in enumerate(("x", "y")):
            Feature.objects.create(view=made, name=feature, value_type="float", position=position)
        for days, value in ((2, 1.5), (1, 2.5)):
            event_at = NOW - dt.timedelta(days=days)
            FeatureValue.objects.create(view=made, entity_key="7", event_at=event_at, values=[value, "NaN"])
    return [view_schema("one"), view_schema("two")]


def test_values_come_back_as_they_were_written() -> None:
    view = schema()
    rows = [OnlineRow("c1", NOW, VALUES), OnlineRow("}{:c2", NOW, {})]
    assert write_online_features(view=view, rows=rows) == 2
    first, second, none = read_online_features(view=view, entity_keys=["c1", "}{:c2", "c3"])
    assert (first.status, first.values) == (Status.PRESENT, tuple(VALUES.values()))
    assert first.event_ms == NOW.timestamp() * 1_000
    assert first.written_ms is not None
    assert first.written_ms >= first.event_ms
    assert (second.status, second.values) == (Status.PRESENT, (None,) * 5)
    assert none == (Status.NOT_FOUND, None, None, None)


def test_features_are_told_in_the_order_asked() -> None:
    view = schema()
    write_online_features(view=view, rows=[OnlineRow("c1", NOW, VALUES)])
    for asked in (["a_bool", "a_float"], ["a_int"]):
        row, none = read_online_features(view=view, entity_keys=["c1", "no"], features=asked)
        assert row.values == tuple(VALUES[name] for name in asked)
        assert none.status is Status.NOT_FOUND
    with pytest.raises(BadInputError, match="no feature 'other'; it has a_float, a_int"):
        read_online_features(view=view, entity_keys=["c1"], features=["other"])


def test_whatever_the_order_the_newest_event_stands() -> None:
    rows = [one(float(hour), NOW + dt.timedelta(hours=hour)) for hour in (-400_000, 0, 1, 2)]
    view = schema()
    for order in itertools.permutations(rows):
        for row in (*order, *order):
            write_online_features(view=view, rows=[row])
        assert read_online_features(view=view, entity_keys=["c1"], features=["a_float"])[0].values == (2.0,)
        feature_values.delete(keys.feature_rows("customer", "all", 1, ["c1"]))


def test_the_later_writer_of_one_event_time_wins_and_is_counted() -> None:
    view = schema()
    assert write_online_features(view=view, rows=[one(1.0), one(2.0, key="c2")]) == 2
    assert write_online_features(view=view, rows=[one(3.0), one(0.0, NOW - dt.timedelta(1), "c2")]) == 1
    rows = read_online_features(view=view, entity_keys=["c1", "c2"], features=["a_float"])
    assert [row.values for row in rows] == [(3.0,), (2.0,)]


def test_versions_lie_side_by_side() -> None:
    old, new = schema(), schema(version=2)
    write_online_features(view=old, rows=[one(1.0)])
    assert read_online_features(view=new, entity_keys=["c1"])[0].status is Status.NOT_FOUND
    write_online_features(view=new, rows=[one(2.0)])
    found = [read_online_features(view=view, entity_keys=["c1"], features=["a_float"]) for view in (old, new)]
    assert [row.values for (row,) in found] == [(1.0,), (2.0,)]


def test_a_value_beyond_its_ttl_is_told_from_one_that_is_missing() -> None:
    view = schema(ttl_seconds=36 * 3_600)
    old = NOW - dt.timedelta(days=30)
    write_online_features(view=view, rows=[one(1.0), one(2.0, old, "stale")])
    rows = read_online_features(view=view, entity_keys=["c1", "stale", "no"], features=["a_float"])
    assert [row.status for row in rows] == [Status.PRESENT, Status.OUTSIDE_MAX_AGE, Status.NOT_FOUND]
    assert rows[1].values == (2.0,)
    (name,) = keys.feature_rows("customer", "all", 1, ["stale"])
    assert 0 < redis_connection.store().ttl(name) <= 7 * 24 * 3_600
    write_online_features(view=schema(), rows=[one(1.0, key="kept")])
    (kept,) = keys.feature_rows("customer", "all", 1, ["kept"])
    assert redis_connection.store().ttl(kept) == -1


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (OnlineRow("c9", NOW, {"a_int": 1.5}), "all of 'c9': a_int takes int, not float 1.5"),
        (OnlineRow("c9", NOW, {"a_int": 1 << 63}), "all of 'c9': a_int takes int of 64 bits"),
        (OnlineRow("c9", NOW, {"b": 1}), "no feature b"),
        (OnlineRow("c9", NOW.replace(tzinfo=None), {}), "no time zone"),
        (OnlineRow("c9", NOW + dt.timedelta(days=2), {}), "all of 'c9': the event time .* is not between"),
        (OnlineRow("c9", dt.datetime.min.replace(tzinfo=dt.UTC), {}), "is not between 1970 and tomorrow"),
        (OnlineRow("", NOW, {}), "1 to 200 characters"),
    ],
)
def test_a_wrong_row_is_refused_and_nothing_is_written(row: OnlineRow, problem: str) -> None:
    with pytest.raises(BadInputError, match=problem):
        write_online_features(view=schema(), rows=[one(1.0), row])
    assert read_online_features(view=schema(), entity_keys=["c1"])[0].status is Status.NOT_FOUND


def test_reading_and_writing_take_one_round_trip(views: list[ViewSchema], trips: list[object]) -> None:
    rows = [OnlineRow(str(number), NOW, {"x": number, "y": None}) for number in range(600)]
    asked = [row.entity_key for row in rows]
    write_online_features(view=views[0], rows=rows)  # the script is known from here on
    for ask in (
        lambda: write_online_features(view=views[0], rows=rows),
        lambda: read_online_features(view=views[0], entity_keys=asked),
        lambda: get_online_features(features=["one:x", "two:y", "one:y"], entity_keys=asked),
    ):
        trips.clear()
        ask()
        assert len(trips) == 1
    trips.clear()
    assert write_online_features(view=views[0], rows=[]) == len(trips) == 0


def test_a_script_that_redis_does_not_know_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_values, "PUT", f"{feature_values.PUT}-- {secrets.token_hex(8)}\n")
    assert write_online_features(view=schema(), rows=[one(1.0)]) == 1


@pytest.mark.parametrize("size", [1, 30])
def test_several_views_are_read_at_once(views: list[ViewSchema], size: int) -> None:
    asked = [*range(7, 7 + size)]
    write_online_features(
        view=views[0], rows=[OnlineRow(str(each), NOW, {"x": each, "y": 0}) for each in asked]
    )
    write_online_features(view=views[1], rows=[OnlineRow("7", NOW - dt.timedelta(2), {"x": 5.5})])
    found = get_online_features(features=["two:x", "one:x", "two:y"], entities={"customer_id": asked})
    assert (found.source, list(found.columns)) == ("online", ["two:x", "one:x", "two:y"])
    assert found.to_dict() == {
        "two:x": [5.5] + [None] * (size - 1), "one:x": [float(each) for each in asked], "two:y": [None] * size,
    }  # fmt: skip
    assert found.columns["one:x"].statuses == [Status.PRESENT] * size
    assert found.columns["two:x"].statuses == [Status.OUTSIDE_MAX_AGE] + [Status.NOT_FOUND] * (size - 1)
    assert found.columns["two:y"].statuses[0] is Status.NULL_VALUE


def test_stale_columns_are_told(views: list[ViewSchema]) -> None:
    rows = [OnlineRow(str(days), NOW - dt.timedelta(days=days), {"x": 1.0, "y": 2.0}) for days in range(30)]
    write_online_features(view=views[0], rows=rows)
    column = get_online_features(features=["one:y"], entity_keys=[row.entity_key for row in rows]).columns[
        "one:y"
    ]
    assert column.statuses == [Status.PRESENT] * 2 + [Status.OUTSIDE_MAX_AGE] * 28
    assert column.event_ms == [row.event_at.timestamp() * 1_000 for row in rows]


def test_what_nobody_can_answer_is_refused(views: list[ViewSchema]) -> None:
    for features, problem in (
        (["x"], "view:feature"),
        (["one:"], "view:feature"),
        (["one:z"], "no feature 'z'"),
    ):
        with pytest.raises(BadInputError, match=problem):
            get_online_features(features=features, entity_keys=["7"])
    with pytest.raises(BadInputError, match="Say which entities"):
        get_online_features(features=["one:x"])
    with pytest.raises(BadInputError, match="'customer_id' is missing"):
        get_online_features(features=["one:x"], entities={"other": [1]})
    with pytest.raises(NotFoundError, match="no feature view other"):
        get_online_features(features=["other:x"], entity_keys=["7"])
    assert get_online_features(features=["one:x"], entity_keys=[]).to_dict() == {"one:x": []}


@pytest.mark.parametrize("mode", ["refuse", "blackhole"])
def test_the_offline_history_stands_in_for_redis(
    views: list[ViewSchema], proxy: FaultProxy, django_assert_num_queries: DjangoAssertNumQueries, mode: Any
) -> None:
    write_online_features(view=views[0], rows=[OnlineRow("7", NOW, {"x": 9.5})])
    proxy.mode = mode
    with django_assert_num_queries(2):
        found = get_online_features(features=["one:x", "two:x", "one:y"], entity_keys=["7", "8"])
    assert found.source == "offline"
    assert found.to_dict()["one:x"] == found.to_dict()["two:x"] == [2.5, None]
    assert math.isnan(found.to_dict()["one:y"][0])
    assert found.columns["one:x"].statuses == [Status.PRESENT, Status.NOT_FOUND]
    with pytest.raises(StoreUnavailableError, match="Redis does not answer"):
        read_online_features(view=views[0], entity_keys=["7"])
    with pytest.raises(StoreUnavailableError, match="Redis does not answer"):
        write_online_features(view=views[0], rows=[OnlineRow("7", NOW, {"x": 10.5})])
    proxy.mode = "ok"
    redis_connection.REDIS_STORE.reset()
    assert get_online_features(features=["one:x"], entity_keys=["7"]).to_dict() == {"one:x": [9.5]}


def test_what_a_request_reads_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    view, asked = schema(), [f"c{each}" for each in range(9)]
    write_online_features(view=view, rows=[OnlineRow(key, NOW, {"a_string": "x" * 1_000}) for key in asked])
    monkeypatch.setattr(feature_values, "MOST_BYTES", 8_000)
    assert len(read_online_features(view=view, entity_keys=asked[:6])) == 6
    with pytest.raises(BadInputError, match="ask for fewer entities"):
        read_online_features(view=view, entity_keys=asked)


def test_with_both_stores_away_the_answer_says_so(
    views: list[ViewSchema], proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError

    proxy.mode = "refuse"
    monkeypatch.setattr("features.services.online_features.newest_offline_rows", away)
    with pytest.raises(StoreUnavailableError, match="Neither Redis nor PostgreSQL"):
        get_online_features(features=["one:x"], entity_keys=["7"])


def test_an_answer_that_comes_late_is_never_anothers(views: list[ViewSchema], proxy: FaultProxy) -> None:
    write_online_features(
        view=views[0], rows=[OnlineRow("7", NOW, {"x": 7.0}), OnlineRow("8", NOW, {"x": 8.0})]
    )
    proxy.mode = "half-open"
    with pytest.raises(StoreUnavailableError):
        read_online_features(view=views[0], entity_keys=["7"])
    proxy.mode = "ok"
    for key, value in (("8", 8.0), ("7", 7.0)):
        (row,) = read_online_features(view=views[0], entity_keys=[key], features=["x"])
        assert row.values == (value,)
