"""Imports and what they brought, read-only: ``manage.py imports undo`` takes one back."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.models import Import, ImportedItem

from .base import HistoryAdmin, chip, link


@admin.register(Import)
class ImportAdmin(HistoryAdmin):
    change_list_template = "admin/registry/moved_list.html"
    list_display = ("place", "kind", "import_state", "runs", "points", "started_at", "ended_at")
    list_filter = ("state",)
    fields = (
        "kind", "place", "import_state", "report", "fingerprint", "options", "runs", "points", "created_by",
        "started_at", "ended_at", "result",
    )  # fmt: skip
    readonly_fields = ("import_state", "report")

    @admin.display(description="report")
    def report(self, row: Import) -> SafeString:
        return link("What it made and refused", "analysis:store-move-import", row.pk)

    @admin.display(description="state")
    def import_state(self, row: Import) -> SafeString:
        return chip(row.state, row.get_state_display())


@admin.register(ImportedItem)
class ImportedItemAdmin(HistoryAdmin):
    change_list_template = "admin/registry/moved_list.html"
    list_display = ("our_id", "kind", "source_id", "imported_by", "is_new", "points", "is_verified")
    list_select_related = ("imported_by",)
    list_filter = ("kind",)
    search_fields = ("our_id__exact",)
    search_help_text = "A run's or experiment's whole id, or a whole name"
