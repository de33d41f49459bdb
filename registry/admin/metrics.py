"""Metrics and their history."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString

from registry.models import Metric
from registry.queries.metric_points import metric_points_page

from .base import HistoryAdmin, link


@admin.register(Metric)
class MetricAdmin(HistoryAdmin):
    experiment_path = "run__experiment"
    list_display = ("key", "run", "latest_value", "latest_step", "min_value", "max_value", "points")
    list_select_related = ("run",)
    search_fields = ("key__exact",)
    search_help_text = "A metric's whole name, such as val_loss"
    readonly_fields = ("points",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_urls(self) -> list[URLPattern]:
        history = path(
            "<int:metric_id>/points/",
            self.admin_site.admin_view(self.points_view),
            name="registry_metric_points",
        )
        return [history, *super().get_urls()]

    def points_view(self, request: HttpRequest, metric_id: int) -> TemplateResponse:
        """A metric's points, paged by step."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        metric = get_object_or_404(self.get_queryset(request).select_related("run"), pk=metric_id)
        page = metric_points_page(metric_id=metric.pk, after=request.GET.get("after", ""))
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": f"Points of {metric.key}",
            "metric": metric,
            "page": page,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/registry/metric_points.html", context)

    @admin.display(description="history")
    def points(self, metric: Metric) -> SafeString:
        return link("points", "admin:registry_metric_points", metric.pk)
