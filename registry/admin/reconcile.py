"""Checking the stores against PostgreSQL, and mending them, in the admin."""

from http import HTTPStatus
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from registry.models import ReconcileReport
from registry.sync.reconcile.background import reconcile_beside
from registry.sync.reconcile.service import is_running

from .base import HistoryAdmin, acting_user
from .reconcile_page import page_of

EARLIER = 20
MAY_RUN = "registry.run_reconcile"
ACTIONS = {"check": False, "repair": True}
PAGE = "admin:registry_reconcilereport_changelist"


@admin.register(ReconcileReport)
class ReconcileReportAdmin(HistoryAdmin):
    def get_urls(self) -> list[URLPattern]:
        run = self.admin_site.admin_view(self.run_view)
        return [path("run/", run, name="registry_reconcilereport_run"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The last report, the buttons, and earlier reports."""
        return self._page(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One report."""
        if request.method != "GET" or not object_id.isdigit():
            raise PermissionDenied
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, get_object_or_404(ReconcileReport, pk=object_id))

    def run_view(self, request: HttpRequest) -> HttpResponse:
        """Check, or check and mend, and come back to the page."""
        if not request.user.has_perm(MAY_RUN):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        wanted = request.POST.get("action", "")
        if wanted not in ACTIONS:
            messages.warning(request, "Choose whether to check, or to check and mend.")
        elif is_running():
            messages.warning(request, "A check is at work already. Its report appears here when it ends.")
        elif reconcile_beside(repair=ACTIONS[wanted], user=acting_user(request)):
            messages.success(request, "The check has ended.")
        else:
            messages.info(request, "The check is at work. Its report appears here when it ends.")
        return redirect(PAGE)

    def _page(self, request: HttpRequest, report: ReconcileReport | None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        earlier = list(ReconcileReport.objects.select_related("created_by")[:EARLIER])
        shown = report or next((each for each in earlier if each.ended_at), None)
        is_at_work = is_running()
        context = {
            **self.admin_site.each_context(request),
            "title": "Reconcile" if report is None else str(report),
            "opts": self.opts,
            "report": shown,
            "places": page_of(shown) if shown else [],
            "findings": shown.result.get("findings", []) if shown else [],
            "earlier": earlier,
            "is_one_report": report is not None,
            "is_at_work": is_at_work,
            "may_run": request.user.has_perm(MAY_RUN),
        }
        response = TemplateResponse(request, "admin/registry/reconcile.html", context, status=HTTPStatus.OK)
        if is_at_work and report is None:
            response["Refresh"] = "2"
        return response
