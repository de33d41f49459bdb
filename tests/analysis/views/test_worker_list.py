import pytest
from django.conf import LazySettings
from django.test import Client

from features.online import connection
from features.online.heartbeats import Beat, put
from tests.factories import RunFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


def test_the_page_says_who_trains_what_and_follows(reader: Client) -> None:
    run = RunFactory.create(status="RUNNING", ended_at=None, name="deep & wide")
    put(Beat(run.run_id, "ada", "mlflow", "gpu-1", 7))
    html = reader.get("/workers/").content.decode()
    for text in (
        "deep &amp; wide",
        "Alive",
        "ada",
        "mlflow",
        "gpu-1",
        "process 7",
        f"/runs/{run.run_id}/",
        "live.js",
    ):
        assert text in html


def test_a_page_without_workers_says_how_they_appear(reader: Client) -> None:
    assert "Nobody trains at the moment" in reader.get("/workers/").content.decode()


def test_without_redis_the_page_says_what_stands_for_it(reader: Client, settings: LazySettings) -> None:
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    try:
        assert "the last metric of each run stands for them" in reader.get("/workers/").content.decode()
    finally:
        connection.cache.cache_clear()


def test_the_stream_sends_only_what_the_page_does_not_show(reader: Client) -> None:
    run = RunFactory.create(status="RUNNING", ended_at=None)
    put(Beat(run.run_id, "ada", "api", at_ms=1))
    mark = reader.get("/workers/").context["scene"].mark
    assert reader.get("/workers/live", {"seen": mark}).content == b"retry: 1000\n\n"
    put(Beat(run.run_id, "bob", "api", at_ms=2))
    assert b"bob" in reader.get("/workers/live", {"seen": mark}).content
