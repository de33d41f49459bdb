"""What lies in files instead of tables."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.models import Archive, ArchivedRun

from .base import HistoryAdmin, chip

COLOURS = {"writing": "running", "written": "running", "taken": "killed", "restored": "finished"}


@admin.register(Archive)
class ArchiveAdmin(HistoryAdmin):
    change_list_template = "admin/registry/moved_list.html"
    list_display = ("archive_id", "kind", "shown_state", "before", "row_count", "run_count", "taken_at")
    list_filter = ("kind", "state")
    readonly_fields = ("archive_id", "shown_state")

    @admin.display(description="state")
    def shown_state(self, archive: Archive) -> SafeString:
        return chip(COLOURS[archive.state], archive.get_state_display())


@admin.register(ArchivedRun)
class ArchivedRunAdmin(HistoryAdmin):
    experiment_path = "run__experiment"
    list_display = ("run", "archive", "point_count")
    list_select_related = ("run", "archive")
