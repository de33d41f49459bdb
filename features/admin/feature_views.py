"""Entities and feature views."""

from django.contrib import admin

from features.models import Entity, Feature, FeatureView
from registry.admin.base import RecordAdmin, TabularInline


@admin.register(Entity)
class EntityAdmin(RecordAdmin):
    list_display = ("name", "join_keys", "description")
    search_fields = ("name",)


class FeatureInline(TabularInline):
    model = Feature
    extra = 0


@admin.register(FeatureView)
class FeatureViewAdmin(RecordAdmin):
    list_display = ("name", "version", "entity", "ttl_seconds", "owner", "is_active", "materialized_until")
    list_filter = ("is_active",)
    list_select_related = ("entity",)
    search_fields = ("name",)
    autocomplete_fields = ("entity",)
    inlines = (FeatureInline,)
