"""Every list and form of the admin: it opens, and its statements do not grow with the rows."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from features.models import Entity, FeatureView, Materialization
from registry.models import (
    ApiToken,
    Archive,
    ArchivedRun,
    AuditEntry,
    Backfill,
    Delivery,
    Deployment,
    Divergence,
    DualWrite,
    ExperimentPermission,
    Import,
    ImportedItem,
    Message,
    OutboxEntry,
    ReconcileReport,
    RunNote,
    Saga,
    SavedView,
)
from registry.services.api_tokens import issue_token
from tests.factories import (
    AddressFactory,
    ArtifactFactory,
    CityFactory,
    CountryFactory,
    CustomerFactory,
    CustomerScoreFactory,
    ExperimentFactory,
    FilmFactory,
    LoggedModelFactory,
    MetricFactory,
    ModelVersionFactory,
    OnboardingFactory,
    ProfileRequestFactory,
    PurchaseFactory,
    RatingFactory,
    RunFactory,
    UserFactory,
    ViewerFactory,
    activity_event,
    alert,
    alert_rule,
    event_batch,
    feature_view,
    hourly_activity,
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


def divergence() -> Divergence:
    move = DualWrite.objects.get_or_create(name="run_notes")[0]
    return Divergence.objects.create(dual_write=move, key=f"a/{Divergence.objects.count()}", kind="only_old")


def imported_item() -> ImportedItem:
    brought = Import.objects.get_or_create(kind="csv", place="runs.csv")[0]
    number = ImportedItem.objects.count()
    return ImportedItem.objects.create(
        imported_by=brought, kind="run", source_id=str(number), our_id="a" * 32
    )


def token() -> ApiToken:
    return issue_token(user=UserFactory(), name="t", scopes=["read"])[1]


def archive() -> Archive:
    return Archive.objects.create(kind="metrics", before=NOW)


MAKERS: dict[str, Callable[[], Any]] = {
    "registry_trainingrun": RunFactory,
    "registry_metric": MetricFactory,
    "registry_archive": archive,
    "registry_archivedrun": lambda: ArchivedRun.objects.create(
        archive=archive(), run=RunFactory(), point_count=1
    ),
    "registry_artifact": ArtifactFactory,
    "registry_loggedmodel": LoggedModelFactory,
    "registry_dataset": lambda: RunFactory().dataset,
    "registry_experiment": lambda: RunFactory().experiment,
    "registry_registeredmodel": lambda: ModelVersionFactory().model,
    "registry_modelversion": ModelVersionFactory,
    "registry_deployment": deployment,
    "registry_apitoken": token,
    "registry_savedview": lambda: SavedView.objects.create(owner=UserFactory(), name="good", query="q=x"),
    "registry_outboxentry": lambda: OutboxEntry.objects.create(
        topic="runs", aggregate_id="a", aggregate_version=1
    ),
    "registry_auditentry": lambda: AuditEntry.objects.create(
        action="run.end", subject_type="run", subject_id="a" * 32, channel="api"
    ),
    "registry_dualwrite": lambda: DualWrite.objects.create(name=f"move-{DualWrite.objects.count()}"),
    "registry_divergence": divergence,
    "registry_runnote": lambda: RunNote.objects.create(run=RunFactory(), at=NOW, text="good"),
    "registry_import": lambda: Import.objects.create(kind="csv", place=f"{Import.objects.count()}.csv"),
    "registry_importeditem": imported_item,
    "registry_reconcilereport": ReconcileReport.objects.create,
    "registry_backfill": Backfill.objects.create,
    "registry_saga": lambda: Saga.objects.create(kind="purge"),
    "features_customer": CustomerFactory,
    "features_customerscore": CustomerScoreFactory,
    "features_purchase": PurchaseFactory,
    "features_activityevent": activity_event,
    "features_alert": alert,
    "features_alertrule": alert_rule,
    "features_eventbatch": event_batch,
    "features_hourlyactivity": hourly_activity,
    "features_address": AddressFactory,
    "registry_message": lambda: Message.objects.create(exchange="tasks", name="t", body=b"{}"),
    "registry_delivery": lambda: Delivery.objects.create(
        message=Message.objects.create(exchange="tasks", name="t", body=b"{}"), queue="maintenance"
    ),
    "features_city": CityFactory,
    "features_materialization": materialization,
    "features_onboarding": OnboardingFactory,
    "features_profilerequest": ProfileRequestFactory,
    "features_viewer": ViewerFactory,
    "features_film": FilmFactory,
    "features_rating": RatingFactory,
    "features_country": CountryFactory,
    "features_entity": lambda: Entity.objects.create(
        name=f"entity-{Entity.objects.count()}", join_keys=["id"]
    ),
    "features_featureview": lambda: feature_view(f"view-{FeatureView.objects.count()}"),
    "registry_experimentpermission": lambda: ExperimentPermission.objects.create(
        experiment=ExperimentFactory(), user=UserFactory(), level="READ"
    ),
    "auth_user": UserFactory,
    "auth_group": lambda: Group.objects.create(name=f"group-{Group.objects.count()}"),
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
    for _ in range(2):
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


def test_every_list_of_ours_is_tested() -> None:
    ours = {
        f"{model._meta.app_label}_{model._meta.model_name}"
        for model in admin.site._registry
        if model._meta.managed
    }
    assert ours == MAKERS.keys()


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
