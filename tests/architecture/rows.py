"""One valid row of every model, and for every check constraint a change that it must refuse."""

import datetime as dt
import math
from collections.abc import Callable
from typing import Any

from django.db.models import Model

from features import models as f
from registry import models as r
from tests import factories as make

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def entity() -> f.Entity:
    return f.Entity.objects.create(name="customer", join_keys=["customer_id"])


def feature_view() -> f.FeatureView:
    return f.FeatureView.objects.create(name="spending", entity=entity())


def deployment() -> r.Deployment:
    version = make.ModelVersionFactory()
    return r.Deployment.objects.create(
        model=version.model, version=version, environment="staging", status="live"
    )


def dataset_parent() -> r.DatasetParent:
    child, parent = make.DatasetFactory(), make.DatasetFactory()
    return r.DatasetParent.objects.create(child=child, parent=parent)


def model_alias() -> r.ModelAlias:
    version = make.ModelVersionFactory()
    return r.ModelAlias.objects.create(model=version.model, version=version, alias="champion")


def logged_model_artifact() -> r.Artifact:
    return make.ArtifactFactory.create(run=None, logged_model=make.LoggedModelFactory())


def logged_model_metric() -> r.LoggedModelMetric:
    model = make.LoggedModelFactory()
    return r.LoggedModelMetric.objects.create(
        model=model, run=model.source_run, key="auc", value=0.9, step=0, timestamp_ms=0
    )


def run_model() -> r.RunModel:
    model = make.LoggedModelFactory()
    return r.RunModel.objects.create(run=model.source_run, model=model, role="output")


def run_input() -> r.RunInput:
    run = make.RunFactory()
    return r.RunInput.objects.create(run=run, dataset=run.dataset)


ROWS: dict[type[Model], Callable[[], Model]] = {
    r.ApiToken: lambda: r.ApiToken.objects.create(
        user=make.UserFactory(), name="t", prefix="mlp_x", sha256=b"x" * 32, scopes=["read"], expires_at=NOW
    ),
    r.Archive: lambda: r.Archive.objects.create(kind="metrics", before=NOW),
    r.ArchivedRun: lambda: r.ArchivedRun.objects.create(
        archive=r.Archive.objects.create(kind="metrics", before=NOW), run=make.RunFactory(), point_count=1
    ),
    r.Artifact: make.ArtifactFactory.create,
    r.Dataset: make.DatasetFactory.create,
    r.DatasetParent: dataset_parent,
    r.Deployment: deployment,
    r.DeploymentEvent: lambda: r.DeploymentEvent.objects.create(deployment=deployment(), status="live"),
    r.Delivery: lambda: r.Delivery.objects.create(
        message=r.Message.objects.create(exchange="tasks", name="t", body=b"{}"), queue="maintenance"
    ),
    r.Divergence: lambda: r.Divergence.objects.create(
        dual_write=r.DualWrite.objects.create(name="run_notes"), key="a/b", kind="only_old"
    ),
    r.DualWrite: lambda: r.DualWrite.objects.create(name="run_notes"),
    r.DualWriteQuery: lambda: r.DualWriteQuery.objects.create(
        dual_write=r.DualWrite.objects.create(name="run_notes"), query="run_page"
    ),
    r.Experiment: make.ExperimentFactory.create,
    r.ExperimentPermission: lambda: r.ExperimentPermission.objects.create(
        experiment=make.ExperimentFactory(), user=make.UserFactory(), level="READ"
    ),
    r.ExperimentTag: lambda: r.ExperimentTag.objects.create(experiment=make.ExperimentFactory(), key="k"),
    r.Import: lambda: r.Import.objects.create(kind="csv", place="runs.csv"),
    r.ImportedItem: lambda: r.ImportedItem.objects.create(
        imported_by=r.Import.objects.create(kind="csv", place="runs.csv"),
        kind="run",
        source_id="1",
        our_id="a" * 32,
    ),
    r.IdempotencyKey: lambda: r.IdempotencyKey.objects.create(scope="s", key="k", fingerprint=b"x" * 32),
    r.LoggedModel: make.LoggedModelFactory.create,
    r.LoggedModelMetric: logged_model_metric,
    r.LoggedModelParam: lambda: r.LoggedModelParam.objects.create(model=make.LoggedModelFactory(), key="k"),
    r.LoggedModelTag: lambda: r.LoggedModelTag.objects.create(model=make.LoggedModelFactory(), key="k"),
    r.Message: lambda: r.Message.objects.create(exchange="tasks", name="t", key="k", body=b"{}"),
    r.Metric: make.MetricFactory.create,
    r.MetricPoint: lambda: r.MetricPoint.objects.create(
        metric=make.MetricFactory(), step=0, timestamp_ms=0, value=0.5
    ),
    r.ModelAlias: model_alias,
    r.ModelVersion: make.ModelVersionFactory.create,
    r.ModelVersionTag: lambda: r.ModelVersionTag.objects.create(version=make.ModelVersionFactory(), key="k"),
    r.AuditEntry: lambda: r.AuditEntry.objects.create(
        channel="web", action="run.end", subject_type="run", subject_id="a" * 32
    ),
    r.BodyPart: lambda: r.BodyPart.objects.create(
        collection="runs",
        document_id="a" * 32,
        part="start",
        owner_id="a" * 32,
        version=1,
        checksum=1,
        payload=b"",
    ),
    r.OutboxEntry: lambda: r.OutboxEntry.objects.create(
        topic="runs", aggregate_id="a" * 32, aggregate_version=1
    ),
    r.OrphanSighting: lambda: r.OrphanSighting.objects.create(
        place="runs", subject="a" * 32, fingerprint="1:1"
    ),
    r.Param: make.ParamFactory.create,
    r.ReconcileReport: r.ReconcileReport.objects.create,
    r.Backfill: r.Backfill.objects.create,
    r.RegisteredModel: make.RegisteredModelFactory.create,
    r.RegisteredModelTag: lambda: r.RegisteredModelTag.objects.create(
        model=make.RegisteredModelFactory(), key="k"
    ),
    r.RunInput: run_input,
    r.RunModel: run_model,
    r.RunNote: lambda: r.RunNote.objects.create(run=make.RunFactory(), at=NOW, text="good"),
    r.RunTag: lambda: r.RunTag.objects.create(run=make.RunFactory(), key="k"),
    r.Saga: lambda: r.Saga.objects.create(kind="promote"),
    r.SagaStep: lambda: r.SagaStep.objects.create(
        saga=r.Saga.objects.create(kind="promote"), position=1, name="deploy"
    ),
    r.SavedView: lambda: r.SavedView.objects.create(
        owner=make.UserFactory(), name="good", query="q=x", is_default=True
    ),
    r.TrainingRun: make.RunFactory.create,
    f.Address: make.AddressFactory.create,
    f.City: make.CityFactory.create,
    f.Country: make.CountryFactory.create,
    f.Customer: make.CustomerFactory.create,
    f.CustomerScore: make.CustomerScoreFactory.create,
    f.Entity: entity,
    f.Feature: lambda: f.Feature.objects.create(view=feature_view(), name="total", value_type="float"),
    f.FeatureValue: lambda: f.FeatureValue.objects.create(
        view=feature_view(), entity_key="1", event_at=NOW, values=[1.5]
    ),
    f.FeatureView: feature_view,
    f.Materialization: lambda: f.Materialization.objects.create(
        view=feature_view(), until=NOW, snapshot="1:1:"
    ),
    f.Onboarding: make.OnboardingFactory.create,
    f.OnboardingStep: lambda: f.OnboardingStep.objects.create(
        onboarding=make.OnboardingFactory.create(), name="validate", message_id="a" * 32
    ),
    f.Purchase: make.PurchaseFactory.create,
    f.ProfileRequest: make.ProfileRequestFactory.create,
    f.Viewer: make.ViewerFactory.create,
    f.Film: make.FilmFactory.create,
    f.Rating: make.RatingFactory.create,
    f.EventBatch: make.event_batch,
    f.ActivityEvent: make.activity_event,
    f.HourlyActivity: make.hourly_activity,
    f.AlertRule: make.alert_rule,
    f.Alert: make.alert,
}

REFUSED: list[tuple[type[Model], str, dict[str, Any]]] = [
    (r.ApiToken, "api_token_has_scope", {"scopes": []}),
    (r.ApiToken, "api_token_scopes_known", {"scopes": ["read", "root"]}),
    (r.Archive, "archive_kind_known", {"kind": "runs"}),
    (r.Archive, "archive_state_known", {"state": "gone"}),
    (r.Archive, "archive_taken_at_agrees_with_state", {"state": "taken"}),
    (r.Archive, "archive_taken_at_agrees_with_state", {"taken_at": NOW}),
    (r.Archive, "archive_restored_at_agrees_with_state", {"restored_at": NOW}),
    (r.Artifact, "artifact_size_not_negative", {"size_bytes": -1}),
    (r.Artifact, "artifact_sha256_is_hex", {"sha256": "F" * 64}),
    (r.Artifact, "artifact_sha256_is_hex", {"sha256": "f" * 63}),
    (r.Artifact, "artifact_path_relative", {"path": ""}),
    (r.Artifact, "artifact_path_relative", {"path": "/etc/passwd"}),
    (r.Artifact, "artifact_path_relative", {"path": "a/../../b"}),
    (r.Artifact, "artifact_has_one_owner", {"run": None}),
    (r.Dataset, "dataset_name_not_blank", {"name": ""}),
    (r.Dataset, "dataset_row_count_not_negative", {"row_count": -1}),
    (r.Dataset, "dataset_feature_count_not_negative", {"feature_count": -1}),
    (r.DatasetParent, "dataset_parent_not_itself", {"parent": "child"}),
    (r.Deployment, "deployment_environment_known", {"environment": "moon"}),
    (r.Deployment, "deployment_status_known", {"status": "gone"}),
    (r.DeploymentEvent, "deployment_event_status_known", {"status": "gone"}),
    (r.Delivery, "delivery_state_known", {"state": "lost", "finished_at": NOW}),
    (r.Delivery, "delivery_dead_says_why", {"state": "dead", "finished_at": NOW}),
    (r.Delivery, "delivery_finished_has_a_time", {"state": "done"}),
    (r.Delivery, "delivery_finished_has_a_time", {"finished_at": NOW}),
    (r.Message, "message_priority_0_to_9", {"priority": 10}),
    (r.Divergence, "divergence_kind_known", {"kind": "odd"}),
    (r.DualWrite, "dual_write_state_known", {"state": "gone"}),
    (r.DualWriteQuery, "dual_write_query_differed_at_most_compared", {"differed": 1}),
    (r.Import, "import_state_known", {"state": "gone"}),
    (r.ImportedItem, "imported_item_kind_known", {"kind": "moon"}),
    (r.Experiment, "experiment_name_not_blank", {"name": ""}),
    (r.Experiment, "experiment_deleted_at_agrees_with_lifecycle", {"lifecycle": "gone"}),
    (r.Experiment, "experiment_deleted_at_agrees_with_lifecycle", {"lifecycle": "deleted"}),
    (r.Experiment, "experiment_deleted_at_agrees_with_lifecycle", {"deleted_at": NOW}),
    (r.ExperimentPermission, "experiment_permission_level_known", {"level": "OWN"}),
    (r.ExperimentTag, "experiment_tag_key_not_blank", {"key": ""}),
    (r.LoggedModel, "logged_model_name_not_blank", {"name": ""}),
    (r.LoggedModel, "logged_model_status_known", {"status": "DONE"}),
    (r.LoggedModel, "logged_model_deleted_at_agrees_with_lifecycle", {"lifecycle": "gone"}),
    (r.LoggedModel, "logged_model_deleted_at_agrees_with_lifecycle", {"lifecycle": "deleted"}),
    (r.LoggedModel, "logged_model_deleted_at_agrees_with_lifecycle", {"deleted_at": NOW}),
    (r.LoggedModelParam, "logged_model_param_key_not_blank", {"key": ""}),
    (r.LoggedModelTag, "logged_model_tag_key_not_blank", {"key": ""}),
    (r.Metric, "metric_key_not_blank", {"key": ""}),
    (r.ModelAlias, "model_alias_not_blank", {"alias": ""}),
    (r.ModelVersion, "model_version_number_from_1", {"number": 0}),
    (r.ModelVersion, "model_version_stage_known", {"stage": "Live"}),
    (r.ModelVersion, "model_version_status_known", {"status": "DONE"}),
    (r.BodyPart, "body_part_collection_known", {"collection": "events"}),
    (r.Dataset, "dataset_lifecycle_known", {"lifecycle": "gone"}),
    (r.ModelVersionTag, "model_version_tag_key_not_blank", {"key": ""}),
    (r.OutboxEntry, "outbox_target_known", {"target": 9}),
    (r.OutboxEntry, "outbox_status_known", {"status": 1}),
    (r.Param, "param_key_not_blank", {"key": ""}),
    (r.RegisteredModel, "registered_model_name_not_blank", {"name": ""}),
    (r.RegisteredModelTag, "registered_model_tag_key_not_blank", {"key": ""}),
    (r.RunNote, "run_note_not_blank", {"text": ""}),
    (r.RunModel, "run_model_role_known", {"role": "made"}),
    (r.RunTag, "run_tag_key_not_blank", {"key": ""}),
    (r.Saga, "saga_state_known", {"state": "gone"}),
    (r.SagaStep, "saga_step_state_known", {"state": "gone"}),
    (r.SavedView, "saved_view_name_not_blank", {"name": ""}),
    (r.TrainingRun, "run_name_not_blank", {"name": ""}),
    (r.TrainingRun, "run_status_known", {"status": "DONE", "ended_at": None}),
    (r.TrainingRun, "run_accuracy_between_0_and_1", {"accuracy": 1.01}),
    (r.TrainingRun, "run_accuracy_between_0_and_1", {"accuracy": -0.01}),
    (r.TrainingRun, "run_accuracy_between_0_and_1", {"accuracy": math.nan}),
    (r.TrainingRun, "run_duration_not_negative", {"duration_seconds": -1}),
    (r.TrainingRun, "run_ended_at_agrees_with_status", {"ended_at": None}),
    (r.TrainingRun, "run_ended_at_agrees_with_status", {"status": "RUNNING"}),
    (r.TrainingRun, "run_ends_after_it_starts", {"ended_at": dt.datetime(2000, 1, 1, tzinfo=dt.UTC)}),
    (r.TrainingRun, "run_deleted_at_agrees_with_lifecycle", {"lifecycle": "deleted"}),
    (r.TrainingRun, "run_deleted_at_agrees_with_lifecycle", {"deleted_at": NOW}),
    (r.TrainingRun, "run_deleted_at_agrees_with_lifecycle", {"lifecycle": "gone"}),
    (r.TrainingRun, "run_body_version_not_ahead", {"body_version": 2}),
    (f.City, "city_latitude_on_earth", {"latitude": 90.1}),
    (f.City, "city_latitude_on_earth", {"latitude": math.nan}),
    (f.City, "city_longitude_on_earth", {"longitude": -180.1}),
    (f.City, "city_longitude_on_earth", {"longitude": math.nan}),
    (f.Customer, "customer_id_not_blank", {"customer_id": ""}),
    (f.CustomerScore, "customer_score_segment_known", {"segment": "gone"}),
    (f.CustomerScore, "customer_score_fifths_from_1_to_5", {"r": 0}),
    (f.CustomerScore, "customer_score_fifths_from_1_to_5", {"f": 6}),
    (f.CustomerScore, "customer_score_fifths_from_1_to_5", {"m": 0}),
    (f.CustomerScore, "customer_score_p_alive_between_0_and_1", {"p_alive": 1.01}),
    (f.CustomerScore, "customer_score_p_alive_between_0_and_1", {"p_alive": math.nan}),
    (f.CustomerScore, "customer_score_churn_between_0_and_1", {"churn_probability": -0.01}),
    (f.CustomerScore, "customer_score_value_not_negative", {"lifetime_value": -1.0}),
    (f.CustomerScore, "customer_score_value_not_negative", {"expected_spend": math.nan}),
    (f.Entity, "entity_has_join_key", {"join_keys": []}),
    (f.Feature, "feature_type_known", {"value_type": "list"}),
    (f.FeatureValue, "feature_values_are_a_list", {"values": {"total": 1.5}}),
    (f.FeatureView, "feature_view_version_from_1", {"version": 0}),
    (f.Materialization, "materialization_ends_after_it_starts", {"ended_at": NOW}),
    (f.Onboarding, "onboarding_state_known", {"state": "gone", "ended_at": NOW}),
    (f.Onboarding, "onboarding_source_known", {"source": "moon"}),
    (f.Onboarding, "onboarding_ended_at_agrees_with_state", {"state": "done"}),
    (f.Onboarding, "onboarding_ended_at_agrees_with_state", {"ended_at": NOW}),
    (f.Onboarding, "onboarding_reason_agrees_with_state", {"state": "refused", "ended_at": NOW}),
    (f.Onboarding, "onboarding_reason_agrees_with_state", {"reason": "no such city"}),
    (f.OnboardingStep, "onboarding_step_name_known", {"name": "dance"}),
    (f.OnboardingStep, "onboarding_step_state_known", {"state": "gone", "ended_at": NOW}),
    (f.OnboardingStep, "onboarding_step_ended_at_agrees_with_state", {"state": "done"}),
    (f.OnboardingStep, "onboarding_step_ended_at_agrees_with_state", {"ended_at": NOW}),
    (
        f.OnboardingStep,
        "onboarding_step_ends_after_it_starts",
        {"state": "done", "started_at": NOW + dt.timedelta(seconds=1), "ended_at": NOW},
    ),
    (f.Purchase, "purchase_amount_not_negative", {"amount": -1}),
    (f.ProfileRequest, "profile_request_priority_0_to_9", {"priority": 10}),
    (f.ProfileRequest, "profile_request_answered_unless_waiting", {"state": "ready"}),
    (f.ProfileRequest, "profile_request_answered_unless_waiting", {"answered_at": NOW}),
    (f.ProfileRequest, "profile_request_ready_with_facts", {"state": "ready", "answered_at": NOW}),
    (f.ProfileRequest, "profile_request_facts_with_their_time", {"computed_at": NOW}),
    (f.Viewer, "viewer_id_not_blank", {"viewer_id": ""}),
    (f.Film, "film_title_not_blank", {"title": ""}),
    (f.Rating, "rating_of_1_to_5_stars", {"stars": 0}),
    (f.Rating, "rating_of_1_to_5_stars", {"stars": 6}),
    (f.EventBatch, "event_batch_kind_known", {"kind": "dance"}),
    (f.EventBatch, "event_batch_country_code", {"country": "ch"}),
    (f.EventBatch, "event_batch_not_empty", {"events": 0}),
    (f.ActivityEvent, "activity_event_amount_not_negative", {"amount": -1}),
    (f.HourlyActivity, "hourly_activity_kind_known", {"kind": "dance"}),
    (f.HourlyActivity, "hourly_activity_not_empty", {"events": 0, "customers": 0}),
    (f.HourlyActivity, "hourly_activity_no_more_customers_than_events", {"customers": 2}),
    (f.AlertRule, "alert_rule_kind_watched", {"kind": "search"}),
    (f.AlertRule, "alert_rule_measure_known", {"measure": "noise"}),
    (f.AlertRule, "alert_rule_severity_known", {"severity": "panic"}),
    (f.AlertRule, "alert_rule_at_least_1", {"at_least": 0}),
    (f.AlertRule, "alert_rule_window_of_a_minute_to_a_day", {"window_seconds": 59}),
    (f.Alert, "alert_kind_known", {"kind": "dance"}),
    (f.Alert, "alert_severity_known", {"severity": "panic", "told_at": None}),
    (f.Alert, "alert_only_urgent_ones_are_told", {"severity": "info"}),
]

# Checks that another one holds already, so no row breaks them alone.
IMPLIED = {"experiment_lifecycle_known": "experiment_deleted_at_agrees_with_lifecycle"}

# Unique constraints that the model's usual row does not fall under.
OTHER_ROWS: dict[str, Callable[[], Model]] = {"artifact_once_per_model_path": logged_model_artifact}

# What a copy of the row must change to break this unique constraint and no other.
COPIES: dict[str, dict[str, Any]] = {
    "feature_view_one_active_version": {"version": 2},
    "feature_view_version_once": {"is_active": False},
    "onboarding_once_per_customer": {"email": "other@example.com"},
    "onboarding_once_per_email": {"customer_id": "other"},
    "saved_view_name_once_per_owner": {"is_default": False},
    "saved_view_one_default_per_owner": {"name": "other"},
}
