"""Runs, their params, metrics, tags and artifacts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from registry.fields import HEX_ID
from registry.models import Artifact, TrainingRun
from registry.queries.frameworks import frameworks_in_use
from registry.queries.permissions import visible_by_owner

from . import actions
from .base import HistoryAdmin, acting_user, chip, joined, link, short_time, table

LEAST_LETTERS = 3
"""A shorter part of a name is in no index of trigrams; a whole name of any length is."""


class FrameworkFilter(admin.SimpleListFilter):
    """By framework, the choices found without reading the table."""

    title = "framework"
    parameter_name = "framework"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in frameworks_in_use(limit=50)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(framework=self.value()) if self.value() else queryset


@admin.register(TrainingRun)
class TrainingRunAdmin(HistoryAdmin):
    experiment_path = "experiment"
    list_display = ("name", "state", "score", "places", "begun", "experiment", "dataset", "model_name")
    list_filter = ("status", "lifecycle", FrameworkFilter)
    list_select_related = ("experiment", "dataset")
    search_fields = ("name",)
    search_help_text = "Part of a run's name (three letters or more), or a whole run id"
    actions = (
        actions.compare, actions.archive, actions.restore, actions.promote,
        actions.export_csv, actions.export_json, actions.export_parquet,
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("run_id", "name", "state", "lifecycle", "links")}),
        ("What", {"fields": ("experiment", "dataset", "model_name", "framework", "parent", "created_by")}),
        ("Scores", {"fields": ("accuracy", "loss", "metric_table")}),
        ("Params and tags", {"fields": ("param_table", "tag_table")}),
        ("Times", {"fields": ("started_at", "ended_at", "duration_seconds", "created_at", "updated_at")}),
        ("Files", {"fields": ("artifact_table",)}),
        ("Stores", {"fields": ("version", "body_version", "body_bytes", "failure_reason")}),
    )
    readonly_fields = ("state", "links", "metric_table", "param_table", "tag_table", "artifact_table")

    def has_archive_permission(self, request: HttpRequest) -> bool:
        """Archiving is changing, though the form is read-only."""
        return request.user.has_perm("registry.change_trainingrun")

    def has_promote_permission(self, request: HttpRequest) -> bool:
        """A run's model version is promoted by those who may change versions."""
        return request.user.has_perm("registry.change_modelversion")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TrainingRun], search_term: str
    ) -> tuple[QuerySet[TrainingRun], bool]:
        if HEX_ID.fullmatch(search_term.strip()):
            return queryset.filter(run_id=search_term.strip()), False
        if 0 < len(search_term.strip()) < LEAST_LETTERS:
            return queryset.filter(name__iexact=search_term.strip()), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="status")
    def state(self, run: TrainingRun) -> SafeString:
        return chip(run.status, run.get_status_display())

    @admin.display(description="accuracy")
    def score(self, run: TrainingRun) -> str:
        return "-" if run.accuracy is None else f"{run.accuracy:.4f}"

    @admin.display(description="started (UTC)")
    def begun(self, run: TrainingRun) -> str:
        return short_time(run.started_at)

    @admin.display(description="see also")
    def places(self, run: TrainingRun) -> SafeString:
        """The short ones, for a row."""
        return joined(
            link("page", "analysis:run-detail", run.run_id),
            link("body", "admin:registry_rundocument_change", run.run_id),
            link("files", "admin:registry_artifact_changelist", query=f"?run__id__exact={run.pk}"),
            format_html('<a href="{}">compare</a>', actions.comparison_of([run.run_id])),
        )

    @admin.display(description="see also")
    def links(self, run: TrainingRun) -> SafeString:
        of_run = f"?run__id__exact={run.pk}"
        made = f"?source_run__id__exact={run.pk}"
        return joined(
            link("page", "analysis:run-detail", run.run_id),
            link("body in MongoDB", "admin:registry_rundocument_change", run.run_id),
            format_html('<a href="{}">comparison</a>', actions.comparison_of([run.run_id])),
            link("metrics", "admin:registry_metric_changelist", query=of_run),
            link("artifacts", "admin:registry_artifact_changelist", query=of_run),
            link("models", "admin:registry_loggedmodel_changelist", query=made),
            link("what happened", "admin:registry_auditentry_changelist", query=f"?q={run.run_id}"),
        )

    @admin.display(description="metrics")
    def metric_table(self, run: TrainingRun) -> SafeString:
        return table(
            run.metrics.values_list("key", "latest_value", "min_value", "max_value"),
            "metric",
            "latest",
            "least",
            "greatest",
        )

    @admin.display(description="params")
    def param_table(self, run: TrainingRun) -> SafeString:
        return table(run.params.values_list("key", "value"), "param", "value")

    @admin.display(description="tags")
    def tag_table(self, run: TrainingRun) -> SafeString:
        return table(run.tags.values_list("key", "value"), "tag", "value")

    @admin.display(description="artifacts")
    def artifact_table(self, run: TrainingRun) -> SafeString:
        return table(run.artifacts.values_list("path", "media_type", "size_bytes"), "path", "type", "bytes")


@admin.register(Artifact)
class ArtifactAdmin(HistoryAdmin):
    list_display = ("path", "run", "logged_model", "media_type", "size_bytes", "sha256", "created_at")
    list_select_related = ("run", "logged_model")
    search_fields = ("sha256__exact",)
    search_help_text = "A whole SHA-256"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Artifact]:
        return super().get_queryset(request).filter(visible_by_owner(acting_user(request)))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        owners = ("run__id__exact", "logged_model__id__exact")
        return lookup in owners or super().lookup_allowed(lookup, value, request)
