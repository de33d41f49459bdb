"""The audit trail: read by those who may, changed by nobody."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html

from registry.models import AuditEntry

from .base import HistoryAdmin


@admin.register(AuditEntry)
class AuditEntryAdmin(HistoryAdmin):
    """Whoever may view entries sees those of every experiment: an auditor's right."""

    list_display = ("at", "action", "subject", "username", "channel", "token_prefix")
    list_filter = ("channel", "subject_type")
    search_fields = ("subject_id__exact",)
    search_help_text = "A run's or experiment's whole id, or a whole name"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "subject_id" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="subject")
    def subject(self, entry: AuditEntry) -> str:
        return format_html('<a href="?q={}">{}</a>', entry.subject_id, entry.subject_id)
