"""Pages leave out what the one who looks may not read."""

from typing import Any

import pytest
from django.test import Client

from registry.models import TrainingRun
from registry.services.permissions import grant_permission
from tests.factories import ArtifactFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hidden(client: Client) -> TrainingRun:
    ada = UserFactory.create()
    client.force_login(ada)
    run = RunFactory.create(name="secret run", experiment__name="secret experiment")
    ArtifactFactory.create(run=run, path="a.txt")
    grant_permission(experiment=run.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    return run


@pytest.mark.parametrize("address", ["/", "/runs/", "/runs/?q=secret", "/runs/?sort=accuracy"])
def test_a_hidden_run_is_in_no_list(client: Client, hidden: TrainingRun, address: str) -> None:
    RunFactory.create(name="open run")
    page = client.get(address).content.decode()
    assert "secret run" not in page
    assert "secret experiment" not in page
    assert ("open run" in page) == ("q=" not in address)


@pytest.mark.parametrize("tail", ["", "artifacts/a.txt"])
def test_a_hidden_run_has_no_page(client: Client, hidden: TrainingRun, tail: str) -> None:
    assert client.get(f"/runs/{hidden.run_id}/{tail}").status_code == 404


def test_permissions_cost_the_runs_table_no_statement(
    client: Client, hidden: TrainingRun, django_assert_max_num_queries: Any
) -> None:
    RunFactory.create_batch(3)
    client.get("/runs/")
    with django_assert_max_num_queries(10):
        client.get("/runs/")
