"""Events as they were accepted and summed up, the rules that they are held against, and alerts."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from features.models import ActivityEvent, Alert, AlertRule, EventBatch, HourlyActivity
from registry.admin.base import HistoryAdmin, RecordAdmin, chip
from registry.sync import audit


@admin.register(EventBatch)
class EventBatchAdmin(HistoryAdmin):
    list_display = ("batch_id", "kind", "country", "events", "received_at", "kept_at", "counted_at")
    list_filter = ("kind",)
    search_fields = ("batch_id__exact",)
    search_help_text = "A batch's whole id"
    readonly_fields = ("batch_id",)


@admin.register(ActivityEvent)
class ActivityEventAdmin(HistoryAdmin):
    list_display = ("event_id", "event_kind", "country", "customer_id", "at", "amount")
    list_select_related = ("batch",)
    ordering = ("-event_id",)
    search_fields = ("customer_id__exact",)
    search_help_text = "A customer's whole id"
    readonly_fields = ("event_id",)

    @admin.display(description="kind")
    def event_kind(self, event: ActivityEvent) -> str:
        return event.batch.kind

    @admin.display(description="country")
    def country(self, event: ActivityEvent) -> str:
        return event.batch.country


@admin.register(HourlyActivity)
class HourlyActivityAdmin(HistoryAdmin):
    list_display = ("hour", "kind", "country", "events", "amount", "customers", "refreshed_at")
    list_filter = ("kind",)
    search_fields = ("country__exact",)
    search_help_text = "A country's code"


@admin.register(AlertRule)
class AlertRuleAdmin(RecordAdmin):
    list_display = ("name", "title", "kind", "measure", "at_least", "window_seconds", "severity", "is_active")
    list_filter = ("is_active", "severity")
    search_fields = ("name__startswith",)

    def save_model(self, request: HttpRequest, obj: AlertRule, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's)
        super().save_model(request, obj, form, change)
        audit.record(
            action=f"alert_rule.{'change' if change else 'create'}",
            subject_id=obj.name,
            details={"changed": form.changed_data},
        )


@admin.register(Alert)
class AlertAdmin(HistoryAdmin):
    list_display = ("alert_severity", "title", "customer_id", "country", "value", "at", "raised_at")
    list_filter = ("severity", "kind")
    search_fields = ("customer_id__exact",)
    search_help_text = "A customer's whole id"
    readonly_fields = ("alert_id",)

    @admin.display(description="severity")
    def alert_severity(self, alert: Alert) -> SafeString:
        return chip(alert.severity, alert.get_severity_display())
