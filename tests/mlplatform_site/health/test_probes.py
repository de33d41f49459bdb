import pytest
from django.db import connections
from django.test import Client

pytestmark = pytest.mark.django_db


def test_a_living_process_says_so_to_anybody(client: Client) -> None:
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert client.post("/livez").status_code == 405


def test_a_ready_site_tells_how_its_stores_are(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert set(response.json()["stores"]) == {"postgresql", "mongodb", "redis-cache", "redis-store"}


def test_without_postgresql_the_site_is_not_ready_and_says_503(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connections.settings["default"], "PORT", 1)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
    assert response.json()["stores"]["postgresql"] == "down"
    assert "password" not in response.content.decode()


def test_without_mongodb_the_site_is_ready_and_says_what_is_away(mongodb_away: None, client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json()["stores"]["mongodb"] == "down"
