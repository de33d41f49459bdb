"""Data on its way from one store to another: how far it is, and where the stores differ."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from registry.models import Divergence, DualWrite, DualWriteQuery, RunNote

from .base import HistoryAdmin, KeptInline, chip, link


class DualWriteQueryInline(KeptInline):
    model = DualWriteQuery
    fields = readonly_fields = ("query", "is_new", "compared", "differed", "compared_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(DualWrite)
class DualWriteAdmin(HistoryAdmin):
    change_list_template = "admin/registry/moved_list.html"
    list_display = ("__str__", "state", "changed_at", "copied", "is_copied")
    inlines = (DualWriteQueryInline,)


@admin.register(Divergence)
class DivergenceAdmin(HistoryAdmin):
    change_list_template = "admin/registry/moved_list.html"
    list_display = ("key", "dual_write", "kind", "found_at", "standing")
    list_filter = ("kind",)
    list_select_related = ("dual_write",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Both sides' contents are shown, whatever experiment they belong to."""
        return bool(request.user.is_superuser)

    @admin.display(description="standing")
    def standing(self, found: Divergence) -> SafeString:
        return chip("finished", "Mended") if found.mended_at else chip("failed", "Open")


@admin.register(RunNote)
class RunNoteAdmin(HistoryAdmin):
    list_display = ("start", "by", "at", "page")
    list_select_related = ("run",)
    search_fields = ("text",)
    experiment_path = "run__experiment"

    @admin.display(description="text")
    def start(self, note: RunNote) -> str:
        return note.text[:100]

    @admin.display(description="run")
    def page(self, note: RunNote) -> SafeString:
        return link(note.run.name, "analysis:run-detail", note.run.run_id)
