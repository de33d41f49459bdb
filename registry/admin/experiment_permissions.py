"""Levels of users in experiments."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest

from registry.exceptions import ForbiddenError, NotFoundError
from registry.models import Experiment, ExperimentPermission
from registry.queries.permissions import authorize, may
from registry.services.permissions import grant_permission, revoke_permission

from .base import RecordAdmin, TabularInline, acting_user

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
        with refusals_told():
            grant_permission(
                experiment=obj.experiment, user=obj.user, level=obj.level, by=acting_user(request)
            )
        obj.pk = ExperimentPermission.objects.get(experiment=obj.experiment, user=obj.user).pk

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        with refusals_told():
            revoke_permission(experiment=obj.experiment, user=obj.user, by=acting_user(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for each in queryset.select_related("experiment", "user"):
            self.delete_model(request, each)


def moved(formset: Any) -> list[Any]:
    """The forms of rows that another user was put into."""
    deleted = {each.pk for each in formset.deleted_objects}
    return [
        form
        for form in formset.initial_forms
        if "user" in form.changed_data and form.instance.pk not in deleted
    ]


@contextmanager
def refusals_told() -> Iterator[None]:
    """What the services refuse is answered with 403."""
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
