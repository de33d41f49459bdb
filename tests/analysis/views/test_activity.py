"""The page of what happens."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from analysis.live import activity_feed
from analysis.live.activity_feed import ActivityFeed
from tests.analysis.queries.activity_world import fill_activity
from tests.factories import UserFactory
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo", "redis_keys")]


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    activity_feed._away.clear()


def html(client: Client) -> str:
    return client.get("/activity/").content.decode()


def test_the_page_shows_every_part_and_follows(admin: Client) -> None:
    customer = fill_activity(2)
    page = html(admin)
    for text in (
        "1997-02-14 18:00: Purchase 2",
        "A large purchase",
        "Look now",
        "$120",
        "Grace &lt;Hopper&gt; 1",
        customer.customer_id,
        "Active",
        "what somebody waits for, the more urgent first",
        "on their way",
        "live.js",
    ):
        assert text in page


def test_an_empty_page_says_how_each_part_begins(admin: Client) -> None:
    page = html(admin)
    for text in (
        "manage.py replay_events --speed 1000x",
        "No alerts",
        "manage.py score_customers",
        "manage.py onboard_customers",
    ):
        assert text in page


def test_an_id_with_a_slash_has_a_page_too(admin: Client) -> None:
    fill_activity(customer_id="shop/7")
    page = html(admin)
    assert page.count('<a href="/customers/shop/7/">') == 2
    assert "Grace" in admin.get("/customers/shop/7/").content.decode()


def test_who_may_not_see_customers_sees_sums_alone(reader: Client) -> None:
    customer = fill_activity()
    page = html(reader)
    assert "1997-02-14 18:00: Purchase 1" in page
    assert "Grace" not in page
    assert customer.customer_id not in page


def test_a_redis_and_a_broker_that_are_away_are_told_and_the_rest_stands(
    admin: Client, settings: LazySettings
) -> None:
    fill_activity()
    settings.BROKER_URL = "redis://127.0.0.1:1/0"
    with redis_is_away(settings, "STORE"):
        page = html(admin)
    for text in (
        "read from PostgreSQL",
        "The broker does not answer",
        "Unknown",
        "1997-02-14 18:00: Purchase 1",
    ):
        assert text in page


def test_what_is_away_is_not_asked_again_for_each_scene(settings: LazySettings) -> None:
    fill_activity()
    feed = ActivityFeed(with_customers=True)
    with redis_is_away(settings, "STORE"):
        away = feed.scene()
    assert feed.scene() is away
    activity_feed._away.clear()
    assert feed.scene() is not feed.scene()


def test_single_customers_are_followed_by_who_may_see_them() -> None:
    anyone = UserFactory.create()
    assert ActivityFeed(with_customers=False).is_open_to(anyone)
    assert not ActivityFeed(with_customers=True).is_open_to(anyone)
    assert ActivityFeed(with_customers=True).is_open_to(User.objects.create_superuser("ada"))


def test_the_stream_sends_only_what_the_page_does_not_show(admin: Client) -> None:
    mark = admin.get("/activity/").context["scene"].mark
    assert admin.get("/activity/live", {"seen": mark}).content == b"retry: 1000\n\n"
    fill_activity()
    assert b"Grace" in admin.get("/activity/live", {"seen": mark}).content


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_statements_for_three_of_each_as_for_one(
    staff: Client, count: int, django_assert_num_queries: Any
) -> None:
    fill_activity(count)
    with django_assert_num_queries(9):  # two of them: what this user may do
        staff.get("/activity/")


def test_without_redis_the_page_takes_one_statement_more(
    staff: Client, settings: LazySettings, django_assert_num_queries: Any
) -> None:
    fill_activity()
    with redis_is_away(settings, "STORE"), django_assert_num_queries(10):
        staff.get("/activity/")
