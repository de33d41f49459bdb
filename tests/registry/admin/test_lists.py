"""Every list and form of the admin: it opens, and its statements do not grow with the rows."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from features.models import FeatureView, Materialization
from registry.models import ApiToken, AuditEntry, Deployment, OutboxEntry, ReconcileReport, Saga
from registry.services.api_tokens import issue_token
from tests.factories import (
    AddressFactory,
    ArtifactFactory,
    CityFactory,
    CustomerFactory,
    LoggedModelFactory,
    MetricFactory,
    ModelVersionFactory,
    PurchaseFactory,
    RunFactory,
    UserFactory,
    feature_view,
)

pytestmark = pytest.mark.django_db
MOST_QUERIES = 10
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def deployment() -> Deployment:
    version = ModelVersionFactory()
    return Deployment.objects.create(model=version.model, version=version, environment="staging")


def materialization() -> Materialization:
    view = feature_view(f"view-{FeatureView.objects.count()}")
    return Materialization.objects.create(view=view, until=NOW, snapshot="1:1:")


def token() -> ApiToken:
    return issue_token(user=UserFactory(), name="t", scopes=["read"])[1]


MAKERS: dict[str, Callable[[], Any]] = {
    "registry_trainingrun": RunFactory,
    "registry_metric": MetricFactory,
    "registry_artifact": ArtifactFactory,
    "registry_loggedmodel": LoggedModelFactory,
    "registry_dataset": lambda: RunFactory().dataset,
    "registry_experiment": lambda: RunFactory().experiment,
    "registry_registeredmodel": lambda: ModelVersionFactory().model,
    "registry_modelversion": ModelVersionFactory,
    "registry_deployment": deployment,
    "registry_apitoken": token,
    "registry_outboxentry": lambda: OutboxEntry.objects.create(
        topic="runs", aggregate_id="a", aggregate_version=1
    ),
    "registry_auditentry": lambda: AuditEntry.objects.create(
        action="run.end", subject_type="run", subject_id="a" * 32, channel="api"
    ),
    "registry_reconcilereport": ReconcileReport.objects.create,
    "registry_saga": lambda: Saga.objects.create(kind="purge"),
    "features_customer": CustomerFactory,
    "features_purchase": PurchaseFactory,
    "features_address": AddressFactory,
    "features_city": CityFactory,
    "features_materialization": materialization,
}


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200, url
    return len(captured)


@pytest.mark.parametrize("name", MAKERS)
def test_a_list_takes_the_same_few_statements_whatever_its_rows(name: str, admin_client: Client) -> None:
    url = reverse(f"admin:{name}_changelist")
    MAKERS[name]()
    few = queries_of(admin_client, url)
    for _ in range(29):
        MAKERS[name]()
    assert queries_of(admin_client, url) == few <= MOST_QUERIES


@pytest.mark.parametrize("name", MAKERS)
def test_a_list_counts_sorts_and_distincts_nothing(name: str, admin_client: Client) -> None:
    MAKERS[name]()
    with CaptureQueriesContext(connection) as captured:
        admin_client.get(reverse(f"admin:{name}_changelist"))
    table = f'FROM "{name}"'
    ours = [query["sql"] for query in captured if table in query["sql"]]
    assert ours
    assert not [sql for sql in ours if "COUNT(" in sql or "DISTINCT" in sql]


@pytest.mark.parametrize("name", MAKERS)
def test_a_form_opens_with_few_statements(name: str, admin_client: Client) -> None:
    made = MAKERS[name]()
    assert queries_of(admin_client, reverse(f"admin:{name}_change", args=[made.pk])) <= MOST_QUERIES + 4


def test_every_list_of_ours_is_tested_or_small() -> None:
    ours = {
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model._meta.app_label in ("registry", "features") and model._meta.managed
    }
    small = {
        "features_country", "features_entity", "features_featureview", "registry_experimentpermission",
    }  # fmt: skip
    assert ours == MAKERS.keys() | small


@pytest.mark.parametrize(
    "name",
    ["registry_trainingrun", "registry_metric", "registry_artifact", "registry_outboxentry", "registry_saga"],
)
def test_history_can_not_be_written_by_hand(name: str, admin_client: Client) -> None:
    made = MAKERS[name]()
    assert admin_client.get(reverse(f"admin:{name}_add")).status_code == 403
    assert admin_client.post(reverse(f"admin:{name}_delete", args=[made.pk])).status_code == 403
    assert admin_client.post(reverse(f"admin:{name}_change", args=[made.pk]), {"key": "x"}).status_code == 403
    made.refresh_from_db()
