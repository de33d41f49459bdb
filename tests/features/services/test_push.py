"""Values as they happen: kept first, served at once, and owed to Redis while it is away."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from features.models import FeatureValue, FeatureView
from features.online import feature_values
from features.queries.view_schemas import view_schema
from features.services import push
from features.services.activation import activate_view
from features.services.online_features import OnlineRow, read_online_features
from features.services.push import Pushed, push_features
from registry import breakers
from registry.enums import OutboxStatus
from registry.exceptions import BadInputError, ConflictError, ForbiddenError, NotFoundError
from registry.models import OutboxEntry
from registry.sync import relay
from tests.factories import UserFactory, feature_view
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
NOON = dt.datetime.now(dt.UTC).replace(microsecond=0)
SECOND = dt.timedelta(seconds=1)
TYPES = {"pages": "int", "page": "string"}


@pytest.fixture
def user() -> User:
    return UserFactory.create(is_superuser=True)


@pytest.fixture
def view() -> FeatureView:
    return feature_view("session", features=TYPES)


def row(key: str = "a", pages: Any = 1, *, at: dt.datetime = NOON, page: str = "/") -> OnlineRow:
    return OnlineRow(key, at, {"pages": pages, "page": page})


def online(*keys: str, version: int = 1) -> list[int | None]:
    rows = read_online_features(view=view_schema("session", version=version), entity_keys=keys)
    return [each.values[0] if each.values else None for each in rows]


def kept(view: FeatureView) -> list[tuple[str, list[Any]]]:
    return list(view.values.order_by("entity_key", "event_at").values_list("entity_key", "values"))


def test_what_is_pushed_is_kept_and_served_and_nothing_is_owed(view: FeatureView, user: User) -> None:
    pushed = push_features(view="session", rows=[row("a", 1), row("b", 2)], user=user)
    assert pushed == Pushed("session", 1, 2, is_online=True)
    assert (online("a", "b"), kept(view)) == ([1, 2], [("a", [1, "/"]), ("b", [2, "/"])])
    assert not OutboxEntry.objects.exists()


def test_an_older_event_goes_into_the_history_alone(view: FeatureView, user: User) -> None:
    push_features(view="session", rows=[row(pages=2)], user=user)
    push_features(view="session", rows=[row(pages=1, at=NOON - SECOND)], user=user)
    assert (online("a"), len(kept(view))) == ([2], 2)


def test_the_same_push_again_does_no_harm_and_a_correction_stands(view: FeatureView, user: User) -> None:
    for pages in (1, 1, 3):
        push_features(view="session", rows=[row(pages=pages)], user=user)
    assert (online("a"), kept(view)) == ([3], [("a", [3, "/"])])


def test_of_two_pushes_of_one_time_the_one_that_postgresql_took_last_is_served(
    view: FeatureView, user: User, monkeypatch: Any
) -> None:
    slow: list[Any] = []

    def later(*late: Any) -> bool:
        slow.extend(late)
        return False

    with monkeypatch.context() as patch:
        patch.setattr(push, "_serve", later)
        push_features(view="session", rows=[row(pages=1)], user=user)
    push_features(view="session", rows=[row(pages=2)], user=user)
    assert push._serve(*slow)
    assert (online("a"), kept(view)) == ([2], [("a", [2, "/"])])


def test_a_push_that_is_kept_is_accepted_though_its_debt_could_not_be_deleted(
    view: FeatureView, user: User
) -> None:
    def failing(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith("DELETE FROM registry_outboxentry"):
            raise OperationalError
        return execute(sql, *rest)

    with connection.execute_wrapper(failing):
        assert push_features(view="session", rows=[row()], user=user).is_online
    assert (relay.drain(), online("a")) == (1, [1])


def test_of_one_entity_and_time_in_a_push_the_last_row_stands(view: FeatureView, user: User) -> None:
    rows = [row(pages=1), row(pages=2, at=NOON + dt.timedelta(microseconds=999))]
    assert push_features(view="session", rows=rows, user=user).rows == 1
    assert (online("a"), FeatureValue.objects.get().event_at) == ([2], NOON)


def test_while_redis_is_away_a_push_is_taken_and_delivered_later(
    view: FeatureView, user: User, settings: LazySettings
) -> None:
    with redis_is_away(settings, "STORE"):
        pushed = push_features(view="session", rows=[row("a", 1), row("b", 2)], user=user)
        push_features(view="session", rows=[row("a", 3, at=NOON + SECOND)], user=user)
        assert (pushed.rows, pushed.is_online) == (2, False)
        assert OutboxEntry.objects.count() == 2
        assert relay.drain() == 0
    breakers.reset_all()
    assert relay.drain() == 2
    assert (online("a", "b"), OutboxEntry.objects.count()) == ([3, 2], 0)


def test_a_delivery_that_comes_late_moves_nothing_back(
    view: FeatureView, user: User, settings: LazySettings
) -> None:
    with redis_is_away(settings, "STORE"):
        push_features(view="session", rows=[row(pages=1)], user=user)
    breakers.reset_all()
    push_features(view="session", rows=[row(pages=2, at=NOON + SECOND)], user=user)
    relay.drain()
    assert online("a") == [2]


def test_a_push_whose_view_is_gone_is_delivered_to_nobody(
    view: FeatureView, user: User, settings: LazySettings
) -> None:
    with redis_is_away(settings, "STORE"):
        push_features(view="session", rows=[row()], user=user)
    breakers.reset_all()
    view.delete()
    assert (relay.drain(), OutboxEntry.objects.count()) == (1, 0)


def test_a_row_that_redis_never_takes_is_parked_and_keeps_no_other(
    view: FeatureView, user: User, settings: LazySettings
) -> None:
    other = feature_view("other", features=TYPES)
    with redis_is_away(settings, "STORE"):
        push_features(view="session", rows=[row()], user=user)
        push_features(view="other", rows=[row()], user=user)
    breakers.reset_all()
    other.values.update(values=[1, "/", "more"])
    assert relay.drain() == 1
    (parked,) = OutboxEntry.objects.filter(status=OutboxStatus.PARKED)
    assert parked.last_error == "A row of other version 1 has 3 values, not 2."
    assert online("a") == [1]


def test_a_time_that_python_cannot_read_parks_its_push_alone(
    view: FeatureView, user: User, settings: LazySettings
) -> None:
    other = feature_view("other", features=TYPES)
    with redis_is_away(settings, "STORE"):
        push_features(view="other", rows=[row()], user=user)
        push_features(view="session", rows=[row()], user=user)
    breakers.reset_all()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE features_featurevalue SET event_at = '10000-01-01Z' WHERE view_id = %s", [other.pk]
        )
    assert relay.drain() == 1
    assert OutboxEntry.objects.get().status == OutboxStatus.PARKED
    assert online("a") == [1]


def test_a_push_goes_to_the_version_that_serves(view: FeatureView, user: User) -> None:
    feature_view("session", version=2, features=TYPES, is_active=False)
    assert view_schema("session").version == 1  # known here for a second
    FeatureView.objects.filter(version=1).update(is_active=False)
    FeatureView.objects.filter(version=2).update(is_active=True)
    assert push_features(view="session", rows=[row()], user=user).version == 2
    assert (online("a", version=1), online("a", version=2)) == ([None], [1])


def test_a_push_between_two_activations_is_to_be_made_again(
    view: FeatureView, user: User, monkeypatch: Any
) -> None:
    old = view_schema("session")
    monkeypatch.setattr(push, "view_schema", lambda _: old)
    FeatureView.objects.update(is_active=False)
    with pytest.raises(ConflictError, match="Push again"):
        push_features(view="session", rows=[row()], user=user)
    assert not FeatureValue.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (row(pages="many"), "session of 'a': pages takes int"),
        (row(pages=1 << 63), "pages takes int of 64 bits"),
        (OnlineRow("a", NOON, {"else": 1}), "no feature else"),
        (row(key=""), "1 to 200 characters"),
        (row(page="\0"), "NUL"),
        (row(page="\ud800"), "page takes string"),
        (row(page="x" * (1 << 20)), "at most 65536 bytes"),
        (row(at=NOON.replace(tzinfo=None)), "no time zone"),
        (row(at=dt.datetime.fromisoformat("0001-01-01T00:00:00+14:00")), "between 1970 and tomorrow"),
        (row(at=dt.datetime.fromisoformat("9999-12-31T23:59:59-14:00")), "between 1970 and tomorrow"),
        (row(at=NOON + dt.timedelta(days=2)), "session of 'a': the event time .* is not between"),
    ],
)
def test_a_bad_row_is_refused_with_all_that_came_with_it(
    view: FeatureView, user: User, wrong: OnlineRow, told: str
) -> None:
    with pytest.raises(BadInputError, match=told):
        push_features(view="session", rows=[row("b"), wrong], user=user)
    assert (kept(view), OutboxEntry.objects.count(), online("b")) == ([], 0, [None])


def test_who_may_not_add_values_may_not_push(view: FeatureView) -> None:
    someone = UserFactory.create()
    with pytest.raises(ForbiddenError, match="features.add_featurevalue"):
        push_features(view="session", rows=[row()], user=someone)
    someone.user_permissions.add(Permission.objects.get(codename="add_featurevalue"))
    granted = User.objects.get(pk=someone.pk)
    assert push_features(view="session", rows=[row()], user=granted).rows == 1


def test_what_is_not_there_takes_nothing(view: FeatureView, user: User) -> None:
    with pytest.raises(NotFoundError, match="no feature view nothing"):
        push_features(view="nothing", rows=[row()], user=user)
    assert push_features(view="session", rows=[], user=user).rows == 0
    with pytest.raises(BadInputError, match="10,000 rows at most"):
        push_features(view="session", rows=[row()] * 10_001, user=user)


def test_a_push_takes_two_statements_and_one_round_trip_whatever_its_rows(
    view: FeatureView, user: User, monkeypatch: Any
) -> None:
    view_schema("session")
    trips: list[int] = []
    put: Callable[..., int] = feature_values.put

    def counted(rows: Any) -> int:
        trips.append(1)
        return put(rows)

    monkeypatch.setattr(feature_values, "put", counted)
    for number in (1, 50):
        rows = [row(f"{number}-{each}") for each in range(number)]
        with CaptureQueriesContext(connection) as caught:
            push_features(view="session", rows=rows, user=user)
        assert len(caught) == 2
    assert len(trips) == 2


def test_a_push_right_after_an_activation_reaches_the_new_version(view: FeatureView, user: User) -> None:
    feature_view("session", version=2, features={"pages": "int"}, is_active=False)
    activate_view(name="session", version=2, force=True)
    push_features(view="session", rows=[OnlineRow("a", NOON, {"pages": 4})], user=user)
    assert online("a", version=2) == [4]
