"""Runs, their params, metrics, tags and artifacts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from registry.fields import HEX_ID
from registry.models import Artifact, TrainingRun
from registry.queries.frameworks import frameworks_in_use
from registry.queries.permissions import visible_by_owner

from . import actions
from .base import HistoryAdmin, acting_user, chip, link, table


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
    list_display = ("name", "state", "score", "experiment", "dataset", "model_name", "started_at", "page")
    list_filter = ("status", "lifecycle", FrameworkFilter)
    list_select_related = ("experiment", "dataset")
    search_fields = ("name",)
    search_help_text = "Part of a run's name, or a whole run id"
    actions = (actions.archive, actions.restore, actions.export_csv)
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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[TrainingRun], search_term: str
    ) -> tuple[QuerySet[TrainingRun], bool]:
        if HEX_ID.fullmatch(search_term.strip()):
            return queryset.filter(run_id=search_term.strip()), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="status")
    def state(self, run: TrainingRun) -> SafeString:
        return chip(run.status, run.get_status_display())

    @admin.display(description="accuracy")
    def score(self, run: TrainingRun) -> str:
        return "-" if run.accuracy is None else f"{run.accuracy:.4f}"

    @admin.display(description="page")
    def page(self, run: TrainingRun) -> SafeString:
        return link("open", "analysis:run-detail", run.run_id)

    @admin.display(description="see also")
    def links(self, run: TrainingRun) -> SafeString:
        places = (
            (link("page", "analysis:run-detail", run.run_id),),
            (link("body in MongoDB", "admin:registry_rundocument_change", run.run_id),),
            (link("metrics", "admin:registry_metric_changelist", query=f"?run__id__exact={run.pk}"),),
            (link("artifacts", "admin:registry_artifact_changelist", query=f"?run__id__exact={run.pk}"),),
            (
                link(
                    "models",
                    "admin:registry_loggedmodel_changelist",
                    query=f"?source_run__id__exact={run.pk}",
                ),
            ),
        )
        return format_html_join(" · ", "{}", places)

    @admin.display(description="metrics")
    def metric_table(self, run: TrainingRun) -> SafeString:
        return table(run.metrics.values_list("key", "latest_value", "min_value", "max_value"))

    @admin.display(description="params")
    def param_table(self, run: TrainingRun) -> SafeString:
        return table(run.params.values_list("key", "value"))

    @admin.display(description="tags")
    def tag_table(self, run: TrainingRun) -> SafeString:
        return table(run.tags.values_list("key", "value"))

    @admin.display(description="artifacts")
    def artifact_table(self, run: TrainingRun) -> SafeString:
        return table(run.artifacts.values_list("path", "media_type", "size_bytes"))


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
