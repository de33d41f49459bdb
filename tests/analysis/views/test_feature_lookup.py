import datetime as dt
from collections.abc import Sequence

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from features.models import Entity, Feature, FeatureValue, FeatureView
from features.online import connection as redis_connection
from features.queries.view_schemas import view_schema
from features.services.online_features import OnlineRow, write_online_features

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
SPRING, SUMMER = dt.datetime(1998, 3, 31, tzinfo=dt.UTC), dt.datetime(1998, 6, 30, tzinfo=dt.UTC)


def view_of(name: str = "spending", *, ttl_seconds: int | None = None) -> FeatureView:
    entity, _ = Entity.objects.get_or_create(name="customer", defaults={"join_keys": ["customer_id"]})
    view = FeatureView.objects.create(name=name, entity=entity, ttl_seconds=ttl_seconds)
    for position, (feature, kind) in enumerate(
        {"total": "float", "city": "string", "months": "vector"}.items()
    ):
        Feature.objects.create(view=view, name=feature, value_type=kind, position=position)
    return view


def recorded(view: FeatureView, at: dt.datetime, total: float) -> None:
    values = [total, "Boston", [1.0, 2.0]]
    FeatureValue.objects.create(view=view, entity_key="00001", event_at=at, values=values)


def served(view: FeatureView, at: dt.datetime, total: float, city: str = "Boston") -> None:
    row = OnlineRow("00001", at, {"total": total, "city": city, "months": [1.0, 2.0]})
    write_online_features(view=view_schema(view.name), rows=[row])


def looked_up(reader: Client, key: str = "00001") -> tuple[int, str]:
    response = reader.get("/features/", {"entity": "customer", "customer_id": key})
    return response.status_code, " ".join(response.content.decode().split())


def has_all(html: str, texts: Sequence[str]) -> bool:
    return [text for text in texts if text not in html] == []


def test_without_a_view_the_page_says_how_to_define_one(reader: Client) -> None:
    assert "manage.py apply_features" in reader.get("/features/").content.decode()


def test_the_catalogue_has_every_version_and_examples(reader: Client) -> None:
    view = view_of(ttl_seconds=1_800)
    FeatureView.objects.create(name="spending", version=2, entity=view.entity, is_active=False)
    recorded(view, SPRING, 30.0)
    html = reader.get("/features/").content.decode()
    assert has_all(html, ["spending", "Active", "Beside", "30 min", "customer_id=00001"])


def test_a_value_that_the_history_confirms_is_the_same(reader: Client) -> None:
    view = view_of()
    recorded(view, SPRING, 30.0)
    served(view, SPRING, 30.0)
    status, html = looked_up(reader)
    assert status == 200
    assert has_all(html, ["Present", "0 of 3", "same", "holds", "[1, 2]"])
    assert "differs" not in html


def test_a_value_is_compared_with_the_history_of_its_own_time(reader: Client) -> None:
    view = view_of()
    recorded(view, SPRING, 30.0)
    recorded(view, SUMMER, 50.0)
    served(view, SPRING, 32.5, city="Salem")
    _, html = looked_up(reader)
    assert has_all(html, ["of 1998-03-31 00:00", "2 of 3", '<td class="num"> 2.5 </td>', "differs"])
    assert "A newer value of 1998-06-30 00:00 is in the history and not served yet" in html


def test_stale_and_missing_are_told_apart(reader: Client) -> None:
    served(view_of(ttl_seconds=60), SPRING, 30.0)
    view_of("other")
    _, html = looked_up(reader)
    assert has_all(html, ["Stale", "Missing"])


def test_an_unknown_entity_says_what_to_do(reader: Client) -> None:
    view_of()
    status, html = looked_up(reader, "nobody")
    assert status == 200
    assert "Nothing is known of customer nobody" in html


def test_a_key_that_no_store_takes_is_refused(reader: Client) -> None:
    view_of()
    assert looked_up(reader, "a\0b")[0] == 400


def test_without_redis_the_history_is_shown(reader: Client, settings: LazySettings) -> None:
    recorded(view_of(), SPRING, 30.0)
    settings.REDIS_STORE_URL = "redis://127.0.0.1:1/0"
    redis_connection.store.cache_clear()
    try:
        status, html = looked_up(reader)
    finally:
        redis_connection.store.cache_clear()
    assert status == 200
    assert has_all(html, ["Redis does not answer", "Down", "30"])


def test_more_views_cost_no_more_statements(reader: Client) -> None:
    view_of("one")
    looked_up(reader)
    with CaptureQueriesContext(connection) as few:
        looked_up(reader)
    view_of("two")
    with CaptureQueriesContext(connection) as many:
        looked_up(reader)
    assert len(many) == len(few) <= 10
