"""Requests for profiles, as they stand."""

from django.contrib import admin

from features.models import ProfileRequest
from registry.admin.base import HistoryAdmin


@admin.register(ProfileRequest)
class ProfileRequestAdmin(HistoryAdmin):
    list_display = ("customer", "state", "number", "segment", "priority", "requested_at", "answered_at")
    list_filter = ("state",)
    list_select_related = ("customer",)
    search_fields = ("customer__customer_id__exact", "message_id__exact")
    search_help_text = "A customer's whole id, or a message's"
