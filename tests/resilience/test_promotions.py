"""Promotions while Redis is killed: PostgreSQL decides at once, Redis is told when it is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from features.online import connection, deployments
from registry.enums import DeploymentStatus, SagaState
from registry.models import Deployment, Saga
from registry.services.deployments import deploy
from registry.sync import saga_engine
from tests.analysis.views.model_worlds import model_with_versions, sent, visitor
from tests.resilience.redis_server import Server, store_of_its_own
from tests.resilience.timing import until

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
PAGE = "/models/churn/"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with store_of_its_own(tmp_path, monkeypatch, connection, deployments) as server:
        yield server


def version_in_redis() -> int | None:
    found = deployments.live("churn", "production")
    return found.version if found else None


def test_a_promotion_with_redis_killed_is_live_waits_and_is_told_later(server: Server) -> None:
    model = model_with_versions("churn", 2)
    deploy(model="churn", version=1, environment="production")
    assert version_in_redis() == 1
    editor = visitor("EDIT", model)
    server.kill()
    answer = sent(editor, f"{PAGE}promote/", version=2, environment="production", replaces=1)
    assert answer.status == 303
    page = editor.get(PAGE).content.decode()
    assert "goes on by itself" in page
    assert "Waiting for Redis" in page
    assert "is live; waiting for Redis" in " ".join(page.split())
    assert Deployment.objects.get(status=DeploymentStatus.LIVE).version.number == 2
    server.start()

    def is_told() -> bool:
        Saga.objects.update(next_at="2020-01-01T00:00Z")
        saga_engine.resume_due()
        return Saga.objects.filter(state=SagaState.DONE).count() == 2

    until(is_told, seconds=20)
    assert version_in_redis() == 2
    assert "Waiting for Redis" not in editor.get(PAGE).content.decode()
