"""Logged models: what they are, what they scored, and what was made of them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.fields import HEX_ID
from registry.models import LoggedModel

from .base import HistoryAdmin, chip, joined, link, table

MODEL_ID = "m-"


@admin.register(LoggedModel)
class LoggedModelAdmin(HistoryAdmin):
    experiment_path = "experiment"
    list_display = ("name", "public_id", "state", "model_type", "experiment", "source_run", "created_at")
    list_filter = ("status", "lifecycle")
    list_select_related = ("experiment", "source_run")
    search_fields = ("name__exact",)
    search_help_text = "A model's whole name or id"
    fieldsets = (
        (None, {"fields": ("public_id", "name", "model_type", "state", "status_message", "lifecycle")}),
        ("From", {"fields": ("experiment", "source_run", "links", "created_by", "created_at", "updated_at")}),
        ("Params and tags", {"fields": ("param_table", "tag_table")}),
        ("Scores", {"fields": ("metric_table",)}),
        ("Files", {"fields": ("artifact_table",)}),
        ("Registered as", {"fields": ("version_table",)}),
    )
    readonly_fields = (
        "public_id", "state", "links", "param_table", "tag_table", "metric_table", "artifact_table",
        "version_table",
    )  # fmt: skip

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "source_run__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[LoggedModel], search_term: str
    ) -> tuple[QuerySet[LoggedModel], bool]:
        asked = search_term.strip().removeprefix(MODEL_ID)
        if HEX_ID.fullmatch(asked):
            return queryset.filter(model_id=asked), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="id")
    def public_id(self, model: LoggedModel) -> str:
        return f"{MODEL_ID}{model.model_id}"

    @admin.display(description="status")
    def state(self, model: LoggedModel) -> SafeString:
        return chip(model.status, model.get_status_display())

    @admin.display(description="see also")
    def links(self, model: LoggedModel) -> SafeString:
        files = link(
            "files", "admin:registry_artifact_changelist", query=f"?logged_model__id__exact={model.pk}"
        )
        run = model.source_run
        page = [link("run's page", "analysis:run-detail", run.run_id)] if run else []
        return joined(*page, files)

    @admin.display(description="params")
    def param_table(self, model: LoggedModel) -> SafeString:
        return table(model.params.values_list("key", "value"), "param", "value")

    @admin.display(description="tags")
    def tag_table(self, model: LoggedModel) -> SafeString:
        return table(model.tags.values_list("key", "value"), "tag", "value")

    @admin.display(description="metrics")
    def metric_table(self, model: LoggedModel) -> SafeString:
        rows = model.metrics.values_list("key", "value", "step", "dataset_name", "run__name")
        return table(rows, "metric", "value", "step", "data set", "run")

    @admin.display(description="files")
    def artifact_table(self, model: LoggedModel) -> SafeString:
        return table(model.artifacts.values_list("path", "media_type", "size_bytes"), "path", "type", "bytes")

    @admin.display(description="versions")
    def version_table(self, model: LoggedModel) -> SafeString:
        return table(
            model.versions.values_list("model__name", "number", "stage"), "model", "version", "stage"
        )
