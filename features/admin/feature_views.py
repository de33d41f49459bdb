"""Entities and feature views: made here or in code; a version that is made keeps its definition."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest

from features.models import Entity, Feature, FeatureView, Materialization
from features.services.activation import activate_view
from registry.admin.base import HistoryAdmin, RecordAdmin, TabularInline
from registry.exceptions import RegistryError
from registry.sync import audit


@admin.register(Entity)
class EntityAdmin(RecordAdmin):
    list_display = ("name", "join_keys", "description")
    search_fields = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Entity | None = None) -> tuple[str, ...]:
        return ("name", "join_keys") if obj is not None and obj.views.exists() else ()

    def save_model(self, request: HttpRequest, obj: Entity, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        super().save_model(request, obj, form, change)
        _record("entity", obj.name, form, is_change=change)


class FeatureInline(TabularInline):
    model = Feature
    extra = 0
    min_num = 1
    fields = ("name", "value_type", "position", "description")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("name", "value_type", "position")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_delete_permission(request, obj)


@admin.register(FeatureView)
class FeatureViewAdmin(RecordAdmin):
    """A version that stands changes in words alone: another definition is another version."""

    list_display = ("name", "version", "entity", "ttl_seconds", "owner", "is_active", "materialized_until")
    list_filter = ("is_active",)
    list_select_related = ("entity",)
    search_fields = ("name",)
    autocomplete_fields = ("entity",)
    inlines = (FeatureInline,)
    actions = ("activate",)
    fields = ("name", "version", "entity", "ttl_seconds", "owner", "description")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        kept = ("version", "is_active", "materialized_until", "source_digest")
        return kept if obj is None else (*kept, "name", "entity", "ttl_seconds")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return tuple(name for name in self.fields if name != "version")
        return (*self.fields, "is_active", "materialized_until", "source_digest")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Without deleting in bulk: a version may have millions of values."""
        return {
            name: each for name, each in super().get_actions(request).items() if name != "delete_selected"
        }

    def has_delete_permission(self, request: HttpRequest, obj: FeatureView | None = None) -> bool:
        has_values = obj is not None and (obj.is_active or obj.values.exists())
        return not has_values and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: FeatureView, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        if not change:
            versions = FeatureView.objects.filter(name=obj.name)
            obj.version = (versions.aggregate(last=Max("version"))["last"] or 0) + 1
            obj.is_active = obj.version == 1
        super().save_model(request, obj, form, change)
        _record("feature_view", obj.name, form, is_change=change, version=obj.version)

    @admin.action(description="Have the chosen version serve", permissions=["change"])
    def activate(self, request: HttpRequest, views: QuerySet[FeatureView]) -> None:
        try:
            for view in views:
                activate_view(name=view.name, version=view.version)
                self.message_user(request, f"Version {view.version} of {view.name} serves.")
        except RegistryError as error:
            self.message_user(request, str(error), messages.ERROR)


@admin.register(Materialization)
class MaterializationAdmin(HistoryAdmin):
    list_display = ("view", "until", "entities", "position", "started_at", "ended_at")
    list_select_related = ("view",)


def _record(noun: str, name: str, form: Any, *, is_change: bool, **details: Any) -> None:
    action = f"{noun}.{'reword' if is_change else 'define'}"
    audit.record(action=action, subject_id=name, details=details | {"changed": form.changed_data})
