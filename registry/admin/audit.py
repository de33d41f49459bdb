"""The audit trail: read by those who may, changed by nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from registry.models import AuditEntry

from .base import HistoryAdmin


class _FixedFilter(admin.SimpleListFilter):
    """Choices that are known beforehand: asking the table would read all of it."""

    values: tuple[str, ...]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, value) for value in self.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class ChannelFilter(_FixedFilter):
    title = parameter_name = "channel"
    values = ("api", "web", "command", "tracker", "internal")


class SubjectFilter(_FixedFilter):
    title, parameter_name = "subject", "subject_type"
    values = (
        *("run", "experiment", "dataset", "model", "deployment", "token", "permission", "import"),
        *("entity", "feature_view"),
    )


@admin.register(AuditEntry)
class AuditEntryAdmin(HistoryAdmin):
    """Whoever may view entries sees those of every experiment: an auditor's right."""

    list_display = ("at", "action", "subject", "username", "channel", "token_prefix")
    list_filter = (ChannelFilter, SubjectFilter)
    search_fields = ("subject_id__exact",)
    search_help_text = "A run's or experiment's whole id, or a whole name"

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "subject_id" or super().lookup_allowed(lookup, value, request)

    @admin.display(description="subject")
    def subject(self, entry: AuditEntry) -> str:
        return format_html('<a href="?q={}">{}</a>', entry.subject_id, entry.subject_id)
