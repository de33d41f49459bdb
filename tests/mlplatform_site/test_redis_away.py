from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.core.cache import caches
from django.test import Client

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def redis_away(settings: LazySettings) -> Iterator[None]:
    """Point the cache at a port where nothing answers."""
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    settings.REDIS_CACHE_URL = settings.REDIS_STORE_URL = "redis://127.0.0.1:1/0"
    yield
    del caches["default"]


def test_without_redis_people_stay_logged_in_and_pages_answer(client: Client, redis_away: None) -> None:
    client.force_login(UserFactory())
    assert client.get("/runs/").status_code == 200
    overview = client.get("/")
    assert overview.status_code == 200
    assert "Redis (cache) is not running" in overview.content.decode()
