from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from features.online import connection
from features.online.heartbeats import beats
from registry.models import TrainingRun
from registry.services.api_tokens import issue_token
from tests.factories import RunFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
Ask = Callable[..., Any]


@pytest.fixture
def run() -> TrainingRun:
    return RunFactory.create(status="RUNNING", ended_at=None)


@pytest.fixture
def beat(client: Client, run: TrainingRun) -> Ask:
    user = UserFactory.create(username="ada", is_superuser=True)
    token = issue_token(user=user, name="t", scopes=["write"])[0]
    headers = {"Authorization": f"Bearer {token}"}
    path = f"/api/1/runs/{run.run_id}/heartbeat"
    return lambda **body: client.post(path, body, content_type="application/json", headers=headers)


def test_a_worker_elsewhere_says_who_and_where_it_is(run: TrainingRun, beat: Ask) -> None:
    answer = beat(host="gpu-1", pid=7)
    assert answer.json() == {"heartbeat": {"run_id": run.run_id, "host": "gpu-1", "pid": 7}}
    (found,) = beats().values()
    assert (found.username, found.source, found.host, found.pid) == ("ada", "api", "gpu-1", 7)
    assert beat().status_code == 200


def test_a_heartbeat_that_cannot_be_is_refused(beat: Ask) -> None:
    for body in ({"pid": -1}, {"pid": 2**40}, {"host": "x" * 201}, {"step": 1}):
        assert beat(**body).status_code == 400


def test_without_redis_it_is_said_and_may_be_sent_again(beat: Ask, settings: LazySettings) -> None:
    settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    try:
        answer = beat()
    finally:
        connection.cache.cache_clear()
    assert (answer.status_code, "Retry-After" in answer) == (503, True)
