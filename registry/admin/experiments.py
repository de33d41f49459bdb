"""Experiments and datasets."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.models import Dataset, Experiment, ExperimentPermission

from .base import KeptAdmin, RecordAdmin, chip, link


@admin.register(Experiment)
class ExperimentAdmin(KeptAdmin):
    list_display = ("name", "state", "created_by", "created_at", "runs")
    list_filter = ("lifecycle",)
    list_select_related = ("created_by",)
    search_fields = ("name",)
    fields = (
        "experiment_id", "name", "state", "description", "created_by", "created_at", "version",
        "body_version", "body",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "description")

    @admin.display(description="lifecycle")
    def state(self, experiment: Experiment) -> SafeString:
        return chip(experiment.lifecycle, experiment.get_lifecycle_display())

    @admin.display(description="runs")
    def runs(self, experiment: Experiment) -> SafeString:
        query = f"?experiment__id__exact={experiment.pk}"
        return link("runs", "admin:registry_trainingrun_changelist", query=query)

    @admin.display(description="body")
    def body(self, experiment: Experiment) -> SafeString:
        return link("in MongoDB", "admin:registry_experimentdocument_change", experiment.experiment_id)


@admin.register(ExperimentPermission)
class ExperimentPermissionAdmin(RecordAdmin):
    list_display = ("experiment", "user", "level")
    list_filter = ("level",)
    list_select_related = ("experiment", "user")
    autocomplete_fields = ("experiment", "user")


@admin.register(Dataset)
class DatasetAdmin(KeptAdmin):
    list_display = ("name", "row_count", "feature_count", "source", "created_at", "runs")
    search_fields = ("name",)
    fields = (
        "name", "description", "digest", "row_count", "feature_count", "source", "schema", "version",
        "created_by", "created_at", "made_from",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "description")

    @admin.display(description="made from")
    def made_from(self, dataset: Dataset) -> str:
        return ", ".join(dataset.parents.values_list("name", flat=True)) or "nothing on record"

    @admin.display(description="runs")
    def runs(self, dataset: Dataset) -> SafeString:
        return link(
            "runs", "admin:registry_trainingrun_changelist", query=f"?dataset__id__exact={dataset.pk}"
        )
