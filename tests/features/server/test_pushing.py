"""Feast's ``POST /push`` and ``POST /write-to-online-store``."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.test import Client

from features.models import FeatureValue
from features.queries.view_schemas import view_schema
from features.services.online_features import read_online_features
from tests.features.away import redis_is_away

from .conftest import NOW, STAMP, Program, failure

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("views")]


def df(**changed: Any) -> dict[str, Any]:
    found = {
        "customer_id": ["7", 8],
        "count": [2, None],
        "recency": [30, 31],
        "event_timestamp": [STAMP, NOW.replace(tzinfo=None).isoformat()],
        "created": [None, None],
    }
    return {name: values for name, values in {**found, **changed}.items() if values != "left out"}


@pytest.fixture
def pusher(program: Program) -> Program:
    """Whoever may add feature values in the admin may push them."""
    User.objects.get().user_permissions.add(Permission.objects.get(codename="add_featurevalue"))
    return program


def push(program: Program, columns: Any, **changed: Any) -> Any:
    return program.post("/push", {"push_source_name": "visits", "df": columns, **changed})


def served(*keys: str) -> list[tuple[Any, ...] | None]:
    return [row.values for row in read_online_features(view=view_schema("visits"), entity_keys=keys)]


def test_a_push_is_kept_and_served(pusher: Program) -> None:
    answer = push(pusher, df())
    assert (answer.status_code, answer.content, answer["X-Projection"]) == (200, b"", "applied")
    assert served("7", "8") == [(2, 30), (None, 31)]
    assert set(FeatureValue.objects.values_list("entity_key", "event_at")) == {("7", NOW), ("8", NOW)}


def test_the_remote_client_s_own_way_does_the_same(pusher: Program) -> None:
    answer = pusher.post("/write-to-online-store", {"feature_view_name": "visits", "df": df()})
    assert (answer.status_code, answer.json()) == (200, None)
    assert served("7") == [(2, 30)]


@pytest.mark.parametrize("to", ["online", "offline", "online_and_offline"])
def test_wherever_a_push_is_to_go_it_is_kept_and_served(pusher: Program, to: str) -> None:
    assert push(pusher, df(), to=to).status_code == 200
    assert served("7") == [(2, 30)]


def test_pandas_gaps_are_nulls_and_its_whole_numbers_among_them_whole(pusher: Program) -> None:
    body = b"""{"push_source_name": "visits", "df": {"customer_id": ["7", "8"], "count": [2.0, NaN],
        "recency": [1, 2], "event_timestamp": ["2026-01-01 10:00:00+02:00", "2026-01-01T08:00:00.5Z"]}}"""
    assert pusher.post("/push", body).status_code == 200
    assert served("7", "8") == [(2, 1), (None, 2)]
    hour = dt.datetime(2026, 1, 1, 8, tzinfo=dt.UTC)
    assert FeatureValue.objects.get(entity_key="7").event_at == hour


def test_an_older_event_replaces_nothing(pusher: Program) -> None:
    push(pusher, df())
    old = [(NOW - dt.timedelta(hours=1)).isoformat()] * 2
    assert push(pusher, df(count=[1, 1], event_timestamp=old)).status_code == 200
    assert served("7") == [(2, 30)]


def test_without_redis_a_push_is_accepted_and_waits(pusher: Program, settings: LazySettings) -> None:
    with redis_is_away(settings, "STORE"):
        answer = push(pusher, df())
    assert (answer.status_code, answer["X-Projection"]) == (200, "pending")
    assert FeatureValue.objects.count() == 2


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (df(count="left out"), "column count is missing"),
        (df(event_timestamp="left out"), "column event_timestamp is missing"),
        (df(customer_id="left out"), "column customer_id is missing"),
        (df(count=[1]), "different lengths"),
        (df(count=3), "list of values"),
        (df(event_timestamp=[1, 2]), "ISO 8601"),
        (df(event_timestamp=["soon", STAMP]), "ISO 8601"),
        (df(event_timestamp=["0001-01-01T00:00:00+14:00", STAMP]), "is not between 1970 and tomorrow"),
        (df(event_timestamp=["2999-01-01", STAMP]), "is not between 1970 and tomorrow"),
        (df(count=["two", 1]), "count takes int"),
        (df(count=[2.5, 1]), "count takes int"),
        (df(count=[2**70, 1]), "count takes int"),
        (df(customer_id=["", "8"]), "1 to 200"),
        ([], "must be an object"),
    ],
)
def test_a_push_that_does_not_fit_changes_nothing(pusher: Program, columns: Any, words: str) -> None:
    status, kind, message = failure(push(pusher, columns))
    assert (status, kind) == (400, "FeastError")
    assert words in message
    assert not FeatureValue.objects.exists()


def test_an_unknown_view_source_and_way_are_told(pusher: Program) -> None:
    assert failure(push(pusher, df(), push_source_name="none"))[:2] == (404, "PushSourceNotFoundException")
    assert failure(push(pusher, df(), push_source_name=None))[:2] == (400, "FeastError")
    assert failure(push(pusher, df(), to="nowhere"))[:2] == (400, "FeastError")
    answer = pusher.post("/write-to-online-store", {"feature_view_name": "none", "df": df()})
    assert failure(answer)[:2] == (404, "FeastObjectNotFoundException")


def test_pushing_wants_the_scope_and_the_right(program: Program, program_of: Callable[..., Program]) -> None:
    assert failure(push(program, df()))[:2] == (403, "FeastPermissionError")
    assert failure(push(program_of("read"), df()))[:2] == (403, "FeastPermissionError")
    assert Client().post("/push").status_code == 401
    assert not FeatureValue.objects.exists()
