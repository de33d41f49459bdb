"""Experiments and datasets."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import Dataset, Experiment, ExperimentPermission
from registry.queries.permissions import authorize, may

from .base import KeptAdmin, RecordAdmin, TabularInline, acting_user, chip, link

Level = ExperimentPermission.Level


class PermissionInline(TabularInline):
    """Users with a level of their own; only those who manage the experiment see and change them."""

    model = ExperimentPermission
    extra = 0
    autocomplete_fields = ("user",)

    def _manages(self, request: HttpRequest, experiment: Experiment | None) -> bool:
        return experiment is None or has_level(request, Level.MANAGE, experiment)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self._manages(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._manages(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._manages(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._manages(request, obj)


@admin.register(Experiment)
class ExperimentAdmin(KeptAdmin):
    experiment_path = "pk"
    inlines = (PermissionInline,)
    list_display = ("name", "state", "created_by", "created_at", "runs")
    list_filter = ("lifecycle",)
    list_select_related = ("created_by",)
    search_fields = ("name",)
    fields = (
        "experiment_id", "name", "state", "description", "created_by", "created_at", "version",
        "body_version", "body",
    )  # fmt: skip
    readonly_fields = tuple(name for name in fields if name != "description")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or has_level(request, Level.EDIT, obj))

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
    experiment_path = "experiment"
    list_display = ("experiment", "user", "level")
    list_filter = ("level",)
    list_select_related = ("experiment", "user")
    autocomplete_fields = ("experiment", "user")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        managed = may(acting_user(request), Level.MANAGE, experiment="experiment")
        return super().get_queryset(request).filter(managed)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("experiment", "user") if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        try:
            authorize(user=acting_user(request), level=Level.MANAGE, experiment=obj.experiment)
        except (ForbiddenError, NotFoundError) as error:
            raise PermissionDenied(str(error)) from error
        super().save_model(request, obj, form, change)


def has_level(request: HttpRequest, level: str, experiment: Experiment) -> bool:
    """Whether the person at work has this level in the experiment."""
    try:
        authorize(user=acting_user(request), level=level, experiment=experiment)
    except (ForbiddenError, NotFoundError):
        return False
    return True


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
