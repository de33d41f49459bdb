"""Experiments and datasets."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import Dataset, Experiment, ExperimentPermission
from registry.queries.permissions import authorize, may
from registry.services.descriptions import describe_dataset, describe_experiment
from registry.services.permissions import grant_permission, revoke_permission

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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Only the description can be changed, and MongoDB has it, too."""
        describe_experiment(experiment_id=obj.experiment_id, description=obj.description)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: FBT001
        """Levels are given and taken by the services, which check and record it."""
        formset.save(commit=False)
        experiment, by = form.instance, acting_user(request)
        with _refusals_told():
            gone = [each.user for each in formset.deleted_objects]
            gone += [User.objects.get(pk=each.initial["user"]) for each in _moved(formset)]
            for user in gone:
                revoke_permission(experiment=experiment, user=user, by=by)
            for each in [*formset.new_objects, *(row for row, _ in formset.changed_objects)]:
                grant_permission(experiment=experiment, user=each.user, level=each.level, by=by)

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
        with _refusals_told():
            grant_permission(
                experiment=obj.experiment, user=obj.user, level=obj.level, by=acting_user(request)
            )
        obj.pk = ExperimentPermission.objects.get(experiment=obj.experiment, user=obj.user).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with _refusals_told():
            revoke_permission(experiment=obj.experiment, user=obj.user, by=acting_user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset.select_related("experiment", "user"):
            self.delete_model(request, each)


def _moved(formset: Any) -> list[Any]:
    """The forms of rows that another user was put into."""
    deleted = {each.pk for each in formset.deleted_objects}
    return [
        form
        for form in formset.initial_forms
        if "user" in form.changed_data and form.instance.pk not in deleted
    ]


@contextmanager
def _refusals_told() -> Iterator[None]:
    try:
        yield
    except (ForbiddenError, NotFoundError) as error:
        raise PermissionDenied(str(error)) from error


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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        describe_dataset(name=obj.name, description=obj.description)

    @admin.display(description="made from")
    def made_from(self, dataset: Dataset) -> str:
        return ", ".join(dataset.parents.values_list("name", flat=True)) or "nothing on record"

    @admin.display(description="runs")
    def runs(self, dataset: Dataset) -> SafeString:
        return link(
            "runs", "admin:registry_trainingrun_changelist", query=f"?dataset__id__exact={dataset.pk}"
        )
