"""Saved views of the runs table: their owners change them, on the page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.models import SavedView
from registry.queries.saved_views import known_to

from .base import HistoryAdmin, acting_user, link


@admin.register(SavedView)
class SavedViewAdmin(HistoryAdmin):
    list_display = ("name", "owner", "is_shared", "is_default", "updated_at", "page")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """One's own and shared views; all of them for superusers."""
        user = acting_user(request)
        views = super().get_queryset(request)
        return views if user.is_superuser else views.filter(known_to(user))

    @admin.display(description="page")
    def page(self, view: SavedView) -> SafeString:
        return link("open", "analysis:run-list", query=f"?{view.query}")
