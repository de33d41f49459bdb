import math
import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysis.queries.model_registry import version_lines
from registry.enums import DeploymentStatus, SagaState
from registry.models import Deployment, ModelAlias, RegisteredModel, Saga
from registry.services.deployments import deploy, promote, retire
from registry.services.permissions import grant_permission
from tests.analysis.views.model_worlds import ODD, model_with_versions, version_with_files, visitor
from tests.factories import MetricFactory, RegisteredModelFactory

pytestmark = pytest.mark.django_db


def page(client: Client, name: str = "churn", expected: int = 200, **query: object) -> str:
    response = client.get(reverse("analysis:registered-model", args=[name]), query)
    assert response.status_code == expected
    return " ".join(response.content.decode().split())


def rows(html: str) -> list[str]:
    """The versions in the table."""
    return re.findall(r'<th scope="row"> <a href="[^"]+">Version (\d+)</a>', html)


@pytest.fixture
def churn() -> RegisteredModel:
    return model_with_versions("churn", 3)


def test_versions_places_aliases_and_history_stand_on_one_page(churn: RegisteredModel) -> None:
    ModelAlias.objects.create(model=churn, alias="champion", version=churn.versions.get(number=2))
    deploy(model="churn", version=1, environment="production", endpoint="/predict/churn")
    promote(model="churn", version=3, environment="production", note="faster", replaces=1)
    deploy(model="churn", version=2, environment="production", endpoint="/predict/churn")
    html = page(visitor("EDIT", churn))
    assert rows(html) == ["3", "2", "1"]
    for shown in (
        "@champion",
        "<code>/predict/churn</code>",
        "version 1 →",
        "rolled back: version 3 →",
        "faster",
    ):
        assert shown in html
    assert "Replaced by version" not in html
    assert "(was live here before)" in html
    assert "Version 2 is live in production since" in html


def test_a_model_without_versions_says_how_to_add_one(reader: Client) -> None:
    RegisteredModelFactory.create(name="bare", description="for <b>nothing</b>")
    html = page(reader, "bare")
    assert "No versions that you may see" in html
    assert "&lt;b&gt;" in html
    assert "Edit the description" not in html


@pytest.mark.parametrize("name", ["none", "a\x00b", "x" * 300])
def test_a_model_that_is_not_there_is_not_found(reader: Client, name: str) -> None:
    page(reader, name, 404)


def test_a_reader_sees_no_forms_and_a_stranger_no_versions(churn: RegisteredModel) -> None:
    deploy(model="churn", version=1, environment="production")
    html = page(visitor("READ", churn))
    assert rows(html) == ["3", "2", "1"]
    assert 'action="/models/' not in html
    assert "needs EDIT" in html
    html = page(visitor("NO_PERMISSIONS", churn))
    assert "No versions that you may see" in html
    assert "run 1 of" not in html


def test_what_is_live_and_hidden_can_be_neither_seen_nor_replaced(churn: RegisteredModel) -> None:
    deploy(model="churn", version=1, environment="production")
    client = visitor("EDIT", churn)
    hidden = churn.versions.get(number=1).run.experiment
    grant_permission(experiment=hidden, user=User.objects.get(), level="NO_PERMISSIONS", by=None)
    html = page(client)
    assert rows(html) == ["3", "2"]
    assert "A version that is not yours to read" in html
    assert "Promote to production" not in html
    assert "Promote to staging" in html
    assert "not yours to replace" in html


def test_the_metric_is_chosen_by_the_address_and_its_direction_is_told(churn: RegisteredModel) -> None:
    client = visitor("READ", churn)
    html = page(client)
    assert "accuracy by version" in html
    assert "higher is better" in html
    assert "Version 3: accuracy 0.83 (best)." in html
    html = page(client, metric="loss")
    assert "loss by version" in html
    assert "lower is better" in html
    assert "Version 3: loss 0.17 (best)." in html
    assert "accuracy by version" in page(client, metric="no such metric")


def test_a_value_that_is_no_number_is_named_and_not_drawn(churn: RegisteredModel) -> None:
    run = version_with_files(churn, 4).run
    run.metrics.filter(key="accuracy").update(latest_value=math.nan)
    html = page(visitor("READ", churn))
    assert "Not drawn, since their accuracy is NaN or infinite: version 4." in html
    assert "NaN" in html


def test_a_metric_that_nobody_knows_has_no_best(churn: RegisteredModel) -> None:
    for version in churn.versions.all():
        version.run.metrics.all().delete()
        MetricFactory.create(run=version.run, key="colour", latest_value=version.number)
    html = page(visitor("READ", churn))
    assert "colour by version" in html
    assert "no direction is known" in html
    assert "★" not in html


def test_versions_come_in_pages(churn: RegisteredModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version_lines, "PAGE_SIZE", 2)
    client = visitor("READ", churn)
    html = page(client)
    assert rows(html) == ["3", "2"]
    assert "before=2" in html
    assert rows(page(client, before=2)) == ["1"]
    assert rows(page(client, before="what")) == ["3", "2"]


def test_a_promotion_under_way_shows_its_steps_and_keeps_the_forms_away(churn: RegisteredModel) -> None:
    version = churn.versions.get(number=2)
    Deployment.objects.create(model=churn, version=version, environment="production")
    saga = Saga.objects.create(
        kind="deployment.promote",
        aggregate_id="churn",
        data={"version": 2, "environment": "production"},
        last_error="StoreUnavailableError: no answer",
    )
    for position, name in enumerate(("request", "check", "switch", "announce")):
        saga.steps.create(position=position, name=name, state="done" if name == "request" else "pending")
    html = page(visitor("EDIT", churn))
    for shown in (
        "Version 2 is on its way",
        "Promotion under way",
        "files checked",
        "no answer",
        "Look again",
    ):
        assert shown in html
    assert "Promote to production" not in html
    assert "In the admin" not in html
    saga.steps.filter(name__in=["check", "switch"]).update(state="done")
    Deployment.objects.update(status=DeploymentStatus.LIVE)
    assert "is live; waiting for Redis" in page(visitor("EDIT", churn))
    for state, words in (
        (SagaState.STUCK, "waits for a person"),
        (SagaState.COMPENSATING, "is being taken back"),
    ):
        Saga.objects.update(state=state)
        assert words in page(visitor("EDIT", churn))


def test_what_redis_has_not_heard_of_is_told(churn: RegisteredModel) -> None:
    client = visitor("READ", churn)
    deployment = deploy(model="churn", version=1, environment="staging")
    assert "Waiting for Redis" not in page(client)
    # Nothing is delivered before the commit, which this test's transaction never comes to.
    retire(deployment_id=deployment.deployment_id)
    assert "Waiting for Redis" in page(client)


def test_a_failed_promotion_stands_in_the_history_with_its_reason(churn: RegisteredModel) -> None:
    deploy(model="churn", version=1, environment="production")
    failed = Deployment.objects.create(
        model=churn, version=churn.versions.get(number=2), environment="production", status="failed"
    )
    failed.events.create(status="requested")
    failed.events.create(status="failed", note="The file is damaged.")
    html = page(visitor("READ", churn))
    assert "could not be promoted; version 1 stayed" in html
    assert "The file is damaged." in html


def test_a_name_with_everything_in_it_works_in_every_link() -> None:
    model = model_with_versions(ODD, 2)
    client = visitor("EDIT", model)
    html = page(client, ODD)
    links = set(re.findall(r'href="(/models/[^"]*)"', html))
    assert len(links) >= 4
    assert {client.get(link.replace("&#x27;", "'")).status_code for link in links if "/why/" not in link} == {
        200
    }


def test_the_number_of_statements_does_not_grow_with_the_versions() -> None:
    model = model_with_versions("churn", 1)
    client = visitor("EDIT", model)
    with CaptureQueriesContext(connection) as few:
        page(client)
    for number in (2, 3):
        version = version_with_files(model, number)
        ModelAlias.objects.create(model=model, alias=f"a{number}", version=version)
        deploy(model="churn", version=number, environment="production")
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(few) == len(many) <= 10
