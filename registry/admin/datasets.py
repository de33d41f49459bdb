"""Data sets."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.models import Dataset
from registry.services.descriptions import describe_dataset

from .base import KeptAdmin, joined, link


@admin.register(Dataset)
class DatasetAdmin(KeptAdmin):
    list_display = ("name", "row_count", "feature_count", "source", "created_at", "places")
    search_fields = ("name",)
    fields = (
        "name", "description", "digest", "row_count", "feature_count", "source", "schema", "version",
        "created_by", "created_at", "made_from",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "description")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        describe_dataset(name=obj.name, description=obj.description)

    @admin.display(description="made from")
    def made_from(self, dataset: Dataset) -> str:
        return ", ".join(dataset.parents.values_list("name", flat=True)) or "nothing on record"

    @admin.display(description="see also")
    def places(self, dataset: Dataset) -> SafeString:
        query = f"?dataset__id__exact={dataset.pk}"
        return joined(
            link("page", "analysis:dataset-detail", dataset.name),
            link("runs", "admin:registry_trainingrun_changelist", query=query),
        )
