import pytest
from django.conf import LazySettings
from django.test import Client

from tests.factories import RunFactory

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


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    assert client.get("/")["Location"] == "/login/?next=/"
