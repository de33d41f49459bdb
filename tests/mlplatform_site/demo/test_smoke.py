"""What the smoke test asks; ``make smoke`` asks it of a whole demo."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from django.urls import path
from pytest_django.live_server_helper import LiveServer

from mlplatform_site import urls
from mlplatform_site.demo import smoke
from mlplatform_site.demo.smoke import Check
from mlplatform_site.health.views import livez
from registry.models import TrainingRun
from registry.services.artifacts import log_artifact
from tests.factories import RunFactory

pytestmark = pytest.mark.fault
PASSWORD = "a long password"


@pytest.fixture
def run(transactional_db: None, mongo: None) -> TrainingRun:
    made: TrainingRun = RunFactory.create()
    log_artifact(run_id=made.run_id, path="notes.txt", content=b"good")
    User.objects.create_superuser("admin", password=PASSWORD)
    return made


@pytest.fixture
def few_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "COMMANDS", {"stack": [["status"], ["logs", "nothing"]]})


def ask(server: LiveServer, password: str = PASSWORD) -> dict[str, str]:
    return {check.name: check.trouble for check in smoke.checks(server.url, "admin", password)}


def test_smoke_asks_every_page_shut_and_open(
    live_server: LiveServer, run: TrainingRun, few_commands: None
) -> None:
    found = ask(live_server)
    troubles = {name for name, trouble in found.items() if trouble}
    assert not {name for name in troubles if not name.startswith(("command ", "manage.py "))}
    assert {
        "log in", "/", "/runs/", f"/runs/{run.run_id}/", f"/runs/{run.run_id}/artifacts/notes.txt",
        "/runs/ without login", "/admin/", "/admin/registry/trainingrun/", "route analysis:run-list",
    } <= found.keys()  # fmt: skip


def test_smoke_fails_on_a_command_that_it_does_not_know(
    live_server: LiveServer, run: TrainingRun, few_commands: None
) -> None:
    found = ask(live_server)
    assert found["command doctor"] == "add its arguments to mlplatform_site/demo/smoke.py"
    assert found["manage.py stack status"] == ""
    assert found["manage.py stack logs nothing"].startswith("exits with 1: ")


def test_smoke_fails_where_nobody_can_log_in(
    live_server: LiveServer, run: TrainingRun, few_commands: None
) -> None:
    found = ask(live_server, password="wrong")
    assert found["log in"] == "status 200"
    assert found["/runs/"].startswith("answers 302")


@pytest.fixture
def new_route() -> Iterator[None]:
    urls.urlpatterns.append(path("news/", livez, name="news"))
    yield
    urls.urlpatterns.pop()


def test_smoke_fails_on_a_route_that_it_does_not_know(new_route: None) -> None:
    assert Check("route news", "add an example to mlplatform_site/demo/routes.py") in list(
        smoke._every_route_is_known()
    )


def test_every_route_and_every_command_is_known_to_the_smoke_test() -> None:
    assert [check for check in smoke._every_route_is_known() if check.trouble] == []
    assert smoke.unknown_commands() == []
