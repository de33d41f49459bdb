"""From the offline history to Redis: what is new, once, whatever dies on the way."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.conf import LazySettings
from django.core.management import call_command
from django.db import InterfaceError, connection
from django.test.utils import CaptureQueriesContext

from features import keys
from features.models import FeatureView, Materialization
from features.online import connection as redis_connection
from features.online import feature_values
from features.queries.view_schemas import view_schema
from features.services import materialization
from features.services.materialization import LOCK, Progress, materialize, views_to_materialize
from features.services.online_features import (
    OnlineRow,
    get_online_features,
    read_online_features,
    write_online_features,
)
from features.services.refilling import refill, refilling
from registry.exceptions import BadInputError, ConflictError, NotFoundError, StoreUnavailableError
from tests.factories import feature_value, feature_view
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_keys")]
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def view() -> FeatureView:
    """Two days of four customers: 1.0 and then 2.0."""
    view = feature_view()
    for hours, total in ((0, 1.0), (24, 2.0)):
        for key in "abcd":
            feature_value(view, key, NOON + hours * HOUR, total)
    return view


@pytest.fixture
def another_session() -> Iterator[Any]:
    session = psycopg2.connect(**connection.get_connection_params())
    yield session
    session.close()


def run(view: FeatureView, **named: Any) -> tuple[int, int]:
    """Entities that were looked at, and that were newer than Redis had."""
    *_, last = materialize(view=view, **named)
    return last.done, last.written


def online(view: FeatureView, keys: str = "abcd") -> list[float | None]:
    schema = view_schema(view.name, version=view.version)
    rows = read_online_features(view=schema, entity_keys=list(keys))
    return [row.values[0] if row.values else None for row in rows]


def served() -> tuple[str, list[float]]:
    found = get_online_features(features=["spending:total"], entity_keys=["a", "d"])
    return found.source, found.to_dict()["spending:total"]


def until(view: FeatureView) -> dt.datetime | None:
    return FeatureView.objects.get(pk=view.pk).materialized_until


def test_the_newest_values_are_served_and_a_second_run_has_nothing_to_do(view: FeatureView) -> None:
    assert run(view) == (4, 4)
    assert online(view) == [2.0] * 4
    assert run(view) == (0, 0)


def test_a_run_brings_only_what_is_new(view: FeatureView) -> None:
    run(view)
    feature_value(view, "b", NOON + 25 * HOUR, 3.0)
    feature_value(view, "e", NOON, 4.0)  # late: its event is older than what the run before covered
    assert run(view) == (2, 2)
    assert online(view, "abe") == [2.0, 3.0, 4.0]


def test_a_late_row_of_an_older_event_changes_nothing_online(view: FeatureView) -> None:
    run(view)
    feature_value(view, "a", NOON + HOUR, 9.0)
    assert run(view) == (1, 0)
    assert online(view, "a") == [2.0]


def test_a_row_that_is_corrected_is_brought_again(view: FeatureView) -> None:
    run(view)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE features_featurevalue SET values = '[5.0]', transaction = DEFAULT"
            " WHERE entity_key = 'c' AND event_at > %s",
            [NOON],
        )
    assert run(view) == (1, 1)
    assert online(view, "c") == [5.0]


def test_a_row_that_was_written_before_a_run_and_committed_after_it_is_not_missed(
    view: FeatureView, another_session: Any
) -> None:
    with another_session.cursor() as cursor:
        cursor.execute(
            "INSERT INTO features_featurevalue (view_id, entity_key, event_at, created_at, values)"
            " VALUES (%s, 'e', %s, now(), '[7.0]')",
            [view.pk, NOON],
        )
    feature_value(view, "f", NOON, 8.0)  # a higher id, committed before
    assert run(view) == (5, 5)
    another_session.commit()
    assert run(view) == (1, 1)
    assert online(view, "ef") == [7.0, 8.0]


def test_events_after_the_limit_wait_for_a_later_run(view: FeatureView) -> None:
    assert run(view, until=NOON + HOUR) == (4, 4)
    assert online(view) == [1.0] * 4
    assert until(view) == NOON + HOUR
    assert run(view, until=NOON + 24 * HOUR) == (4, 4)
    assert online(view) == [2.0] * 4


def test_an_earlier_limit_than_the_last_one_takes_nothing_back(view: FeatureView) -> None:
    run(view, until=NOON + 24 * HOUR)
    assert run(view, until=NOON) == (0, 0)
    assert until(view) == NOON + 24 * HOUR


@pytest.mark.parametrize("named", [{}, {"full": True}])
def test_a_run_that_died_is_gone_on_with(view: FeatureView, named: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setattr(materialization, "CHUNK", 2)
    dying = materialize(view=view, **named)
    assert [next(dying), next(dying)] == [Progress(0, 4, 0), Progress(2, 4, 2)]
    dying.close()
    assert online(view) == [2.0, 2.0, None, None]
    feature_value(view, "a", NOON + 25 * HOUR, 3.0)  # behind the entity that it had reached
    assert (until(view), Materialization.objects.get().position) == (None, "b")
    assert run(view) == (3, 3)
    assert online(view) == [3.0, 2.0, 2.0, 2.0]


def test_while_redis_is_away_nothing_is_lost(
    view: FeatureView, monkeypatch: Any, settings: LazySettings
) -> None:
    monkeypatch.setattr(materialization, "CHUNK", 2)
    steps = materialize(view=view)
    next(steps)
    next(steps)
    with redis_is_away(settings, "STORE"), pytest.raises(StoreUnavailableError):
        next(steps)
    assert run(view) == (2, 2)
    assert online(view) == [2.0] * 4


def test_a_full_run_brings_everything_again(view: FeatureView) -> None:
    run(view)
    feature_values.delete(keys.feature_rows("customer", "spending", 1, "abcd"))
    assert run(view) == (0, 0)
    assert run(view, full=True) == (4, 4)
    assert online(view) == [2.0] * 4
    run(view, full=True, until=NOON)
    assert (until(view) or NOON) > NOON + 24 * HOUR


def test_an_emptied_store_is_stood_in_for_until_everything_is_brought_again(view: FeatureView) -> None:
    beside = feature_view(version=2, is_active=False)
    feature_value(beside, "a", NOON, 6.0)
    run(view)
    run(beside)
    redis_connection.delete_keys(prefix=redis_connection.settings.REDIS_KEY_PREFIX)
    assert served() == ("offline", [2.0, 2.0])
    assert run(view) == (4, 4)
    assert served() == ("offline", [2.0, 2.0])  # other views are missing still
    call_command("materialize")
    assert (served(), online(beside, "a")) == (("online", [2.0, 2.0]), [6.0])
    assert refill() == 0


def test_a_store_that_is_emptied_while_it_is_filled_is_not_believed(view: FeatureView) -> None:
    def fill() -> None:
        with refilling([]) as views:
            assert [run(each) for each in views] == [(4, 4)]
            redis_connection.delete_keys(prefix=redis_connection.settings.REDIS_KEY_PREFIX)

    redis_connection.delete_keys(prefix=redis_connection.settings.REDIS_KEY_PREFIX)
    with pytest.raises(StoreUnavailableError, match="emptied meanwhile"):
        fill()
    assert served() == ("offline", [2.0, 2.0])
    assert refill() == 4
    assert served() == ("online", [2.0, 2.0])


def test_what_stands_in_redis_gives_way_to_newer_events_alone(view: FeatureView) -> None:
    newer = OnlineRow("a", NOON + 48 * HOUR, {"total": 9.0})
    write_online_features(view=view_schema("spending"), rows=[newer])
    assert run(view) == (4, 3)
    assert online(view) == [9.0, 2.0, 2.0, 2.0]


def test_versions_are_materialised_side_by_side(view: FeatureView) -> None:
    second = feature_view(version=2, is_active=False)
    feature_value(second, "a", NOON, 6.0)
    assert (run(second), online(second, "a"), online(view, "a")) == ((1, 1), [6.0], [None])
    assert views_to_materialize() == [view]
    assert views_to_materialize(name="spending", version=2) == [second]
    with pytest.raises(NotFoundError, match="spending has no version 3"):
        views_to_materialize(name="spending", version=3)


def test_a_view_is_materialised_by_one_run_at_a_time(view: FeatureView, another_session: Any) -> None:
    with another_session.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, view.pk])
        with pytest.raises(ConflictError, match="Another run materialises spending v1"):
            run(view)
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK, view.pk])
    assert run(view) == (4, 4)


def test_values_of_another_type_are_told_and_the_run_can_be_gone_on_with(view: FeatureView) -> None:
    wrong = feature_value(view, "b", NOON + 26 * HOUR, "much")
    with pytest.raises(BadInputError, match="spending version 1: could not convert"):
        run(view)
    wrong.values = [1.0, 2.0]
    wrong.save()
    with pytest.raises(BadInputError, match="has 2 values, not 1"):
        run(view)
    wrong.delete()
    assert run(view) == (4, 4)


def test_a_snapshot_of_another_cluster_is_not_believed(view: FeatureView) -> None:
    run(view)
    Materialization.objects.update(snapshot="9000000000:9000000000:")
    feature_value(view, "b", NOON + 24 * HOUR + HOUR, 3.0)
    assert run(view) == (4, 4)
    assert online(view) == [2.0, 3.0, 2.0, 2.0]


def test_what_broke_a_run_is_told_though_its_lock_can_not_be_given_back(view: FeatureView) -> None:
    feature_value(view, "b", NOON + 26 * HOUR, "much")

    def broken(execute: Any, sql: str, *rest: Any) -> Any:
        if "pg_advisory_unlock" in sql:
            execute(sql, *rest)
            raise InterfaceError("connection already closed")
        return execute(sql, *rest)

    with connection.execute_wrapper(broken), pytest.raises(BadInputError, match="could not convert"):
        run(view)


def test_only_the_last_passes_are_kept(view: FeatureView, monkeypatch: Any) -> None:
    monkeypatch.setattr(materialization, "KEPT_PASSES", 2)
    for _ in range(4):
        run(view)
    assert Materialization.objects.count() == 2


def test_a_run_takes_as_many_statements_for_many_entities(view: FeatureView) -> None:
    def statements(act: Callable[[], object]) -> int:
        with CaptureQueriesContext(connection) as caught:
            act()
        return len(caught)

    few = statements(lambda: run(view))
    other = feature_view("other")
    for number in range(50):
        feature_value(other, f"{number}", NOON, 1.0)
    assert statements(lambda: run(other)) == few
