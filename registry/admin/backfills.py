"""Walks that brought the bodies of runs to MongoDB."""

from django.contrib import admin
from django.utils.safestring import SafeString

from registry.models import Backfill

from .base import HistoryAdmin, chip


@admin.register(Backfill)
class BackfillAdmin(HistoryAdmin):
    change_list_template = "admin/registry/moved_list.html"
    list_display = ("started_at", "ended_at", "state", "looked_at", "total", "made", "sent_again", "refused")
    readonly_fields = ("state",)

    @admin.display(description="state")
    def state(self, backfill: Backfill) -> SafeString:
        if backfill.ended_at is None:
            return chip("running", "Not ended")
        return chip("finished", "Verified") if backfill.is_verified else chip("failed", "Not verified")
