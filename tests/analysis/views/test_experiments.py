"""The pages of experiments."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Experiment
from registry.services.experiments import create_experiment
from registry.services.permissions import grant_permission
from tests.factories import ExperimentFactory, RunFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def ada(client: Client) -> User:
    ada: User = UserFactory.create(username="ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def churn(ada: User) -> Experiment:
    return create_experiment(name="churn", description="Who leaves?", user=ada)


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_the_list_links_experiments_and_their_best_runs(client: Client, churn: Experiment) -> None:
    run = RunFactory.create(experiment=churn, accuracy=0.875)
    page = html(client, "/experiments/")
    assert f"/experiments/{churn.experiment_id}/" in page
    assert f"/runs/{run.run_id}/" in page
    assert "0.875" in page


def test_an_empty_list_says_what_to_do(client: Client, ada: User) -> None:
    assert "seed_demo" in html(client, "/experiments/")
    assert "No experiment matches" in html(client, "/experiments/?q=none")


def test_a_filter_that_cannot_be_read_is_refused_with_its_place(client: Client, ada: User) -> None:
    page = html(client, "/experiments/?q=name+%3D", 400)
    assert "^ (character" in page
    assert "cannot be read" in page
    html(client, "/experiments/?sort=nonsense", 400)


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_statements_for_one_row_as_for_three(
    client: Client, ada: User, count: int, django_assert_num_queries: Any
) -> None:
    for experiment in ExperimentFactory.create_batch(count):
        RunFactory.create(experiment=experiment)
    with django_assert_num_queries(5):
        html(client, "/experiments/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_one_takes_ten_statements_at_most(
    client: Client, churn: Experiment, count: int, django_assert_max_num_queries: Any
) -> None:
    RunFactory.create_batch(count, experiment=churn)
    with django_assert_max_num_queries(10):
        page = html(client, f"/experiments/{churn.experiment_id}/")
    assert "Who leaves?" in page
    assert "In sync" in page


def test_an_experiment_without_runs_says_what_to_do(client: Client, churn: Experiment) -> None:
    assert "Log a first run" in html(client, f"/experiments/{churn.experiment_id}/")


def test_the_best_runs_can_be_compared(client: Client, churn: Experiment) -> None:
    one, two = RunFactory.create_batch(2, experiment=churn)
    page = html(client, f"/experiments/{churn.experiment_id}/")
    assert f"run={two.run_id}&amp;run={one.run_id}" in page


def test_who_may_edit_changes_the_description(client: Client, churn: Experiment) -> None:
    address = f"/experiments/{churn.experiment_id}/"
    response = client.post(f"{address}description/", {"description": "Who\r\nstays?"})
    assert (response.status_code, response["Location"]) == (303, address)
    churn.refresh_from_db()
    assert churn.description == "Who\nstays?"
    assert "The description is saved." in html(client, address)


def test_a_description_that_cannot_be_kept_is_refused(client: Client, churn: Experiment) -> None:
    address = f"/experiments/{churn.experiment_id}/"
    client.post(f"{address}description/", {"description": "x" * 50_001})
    assert "at most 50,000 characters" in html(client, address)
    churn.refresh_from_db()
    assert churn.description == "Who leaves?"


def test_who_manages_it_archives_and_restores(client: Client, churn: Experiment) -> None:
    address = f"/experiments/{churn.experiment_id}/"
    assert client.post(f"{address}lifecycle/", {"action": "archive"}).status_code == 303
    page = html(client, address)
    assert "takes no new runs" in page
    assert "Restore" in page
    assert "No experiment matches" not in html(client, "/experiments/?view=archived")
    client.post(f"{address}lifecycle/", {"action": "resore"})
    assert "Choose what to do with the experiment: archive, restore." in html(client, address)
    churn.refresh_from_db()
    assert churn.lifecycle == "deleted"
    client.post(f"{address}lifecycle/", {"action": "restore"})
    churn.refresh_from_db()
    assert churn.lifecycle == "active"


def test_what_is_being_purged_is_not_changed(client: Client, churn: Experiment) -> None:
    Experiment.objects.update(lifecycle="purging", deleted_at=churn.created_at)
    address = f"/experiments/{churn.experiment_id}/"
    client.post(f"{address}lifecycle/", {"action": "restore"})
    assert "being purged" in html(client, address)
    client.post(f"{address}description/", {"description": "new"})
    assert "is being purged" in html(client, address)


def test_who_may_only_read_is_told_so(client: Client, churn: Experiment) -> None:
    reader = UserFactory.create()
    client.force_login(reader)
    address = f"/experiments/{churn.experiment_id}/"
    page = html(client, address)
    assert "Archive" not in page
    assert "Describe it" not in page
    response = client.post(f"{address}lifecycle/", {"action": "archive"})
    assert response.status_code == 403
    assert "this needs MANAGE" in response.content.decode()
    grant_permission(experiment=churn, user=reader, level="NO_PERMISSIONS", by=None)
    html(client, address, 404)
    assert client.post(f"{address}description/").status_code == 404
