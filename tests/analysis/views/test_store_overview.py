from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from features.online import counters
from registry.models import DualWrite, Import
from tests.factories import RegisteredModelFactory, RunFactory
from tests.features.away import redis_is_away

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


def test_the_overview_shows_stores_counts_and_the_latest_runs(reader: Client) -> None:
    RunFactory(name="newest", framework="torch")
    html = reader.get("/").content.decode()
    for text in ("PostgreSQL", "MongoDB", "Redis (cache)", "Redis (store)", "newest", "torch", "Healthy"):
        assert text in html


def test_an_empty_platform_says_how_to_begin(reader: Client) -> None:
    assert "No runs yet" in reader.get("/").content.decode()


@pytest.mark.parametrize(
    ("setting", "url", "cause"),
    [
        ("MONGODB_URL", "mongodb://127.0.0.1:1/x", "MongoDB is not running"),
        ("REDIS_CACHE_URL", "redis://127.0.0.1:1/0", "Redis (cache) is not running"),
        ("BROKER_URL", "amqp://guest:guest@127.0.0.1:1//", "RabbitMQ is not running"),
    ],
)
def test_a_store_that_is_down_is_told_and_the_rest_is_shown(
    reader: Client, settings: LazySettings, setting: str, url: str, cause: str
) -> None:
    RunFactory(name="newest")
    setattr(settings, setting, url)
    response = reader.get("/")
    html = response.content.decode()
    assert response.status_code == 200
    assert cause in html
    assert "manage.py stack start" in html
    assert "newest" in html


def test_a_broker_that_is_a_server_of_its_own_has_a_card(reader: Client, broker: str) -> None:
    page = reader.get("/").content.decode()
    assert ("RabbitMQ" in page, "is not running" in page) == (broker == "rabbitmq", False)


def test_the_requests_of_programs_are_counted(reader: Client, redis_keys: None) -> None:
    counters.increment({"requests.mlflow.served": 1_234, "features.customer_rfm": 10}, batch="one")
    html = reader.get("/").content.decode()
    assert "1,234" in html
    assert "customer_rfm" in html


def test_without_its_redis_the_page_says_that_counters_are_away(
    reader: Client, settings: LazySettings
) -> None:
    with redis_is_away(settings, "STORE"):
        assert "The counters are in Redis (store)" in reader.get("/").content.decode()


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    assert client.get("/")["Location"] == "/login/?next=/"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_statements_for_three_of_each_as_for_one(
    staff: Client, count: int, django_assert_num_queries: Any
) -> None:
    RunFactory.create_batch(count)
    RegisteredModelFactory.create_batch(count)
    for number in range(count):
        DualWrite.objects.create(name="run_notes", scope=f"{number:032}", state="shadow")
        Import.objects.create(kind="csv", place=str(number), fingerprint=f"{number:064}")
    with django_assert_num_queries(9):  # two of them: what this user may do
        html = staff.get("/").content.decode()
    assert html.count('<span class="chip">shadow</span>') == count
