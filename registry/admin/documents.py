"""MongoDB's documents in the admin: read-only, with the admin's permissions."""

from typing import Any

import orjson
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst

from registry.documents.condition_text import typed_value
from registry.documents.conditions import OPERATORS, Condition
from registry.documents.plain import as_json
from registry.exceptions import BadInputError, NotFoundError, RegistryError, StoreUnavailableError
from registry.models import (
    CustomerDocument,
    EventDocument,
    Experiment,
    ExperimentDocument,
    ModelConfigDocument,
    RunDocument,
)
from registry.queries.documents import document, document_page, tree
from registry.queries.permissions import experiment_with_id, visible_to

from .base import ModelAdmin, acting_user


class NestedFilterForm(forms.Form):
    """A comparison on any nested field."""

    path = forms.CharField(required=False, max_length=500, label="Field")
    operator = forms.ChoiceField(choices=[(name, name) for name in OPERATORS], required=False, label="is")
    value = forms.CharField(required=False, max_length=1_000)

    def conditions(self) -> list[Condition]:
        """The comparison, none where no field is named."""
        if not self.is_valid() or not self.cleaned_data["path"]:
            return []
        field, operator = self.cleaned_data["path"], self.cleaned_data["operator"] or "eq"
        return [Condition(field, operator, typed_value(field, operator, self.cleaned_data["value"]))]


class DocumentAdmin(ModelAdmin):
    """One collection."""

    collection = ""
    columns: tuple[str, ...] = ()
    quick_filter = ""
    experiment_field = ""
    """The field with the experiment's id, where only those who may read it see the document."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        name = f"registry_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("", view(self.list_view), name=f"{name}_changelist"),
            path("<str:document_id>/change/", view(self.document_view), name=f"{name}_change"),
            path("<str:document_id>/json/", view(self.json_view), name=f"{name}_json"),
        ]

    def list_view(self, request: HttpRequest) -> TemplateResponse:
        """The collection, newest first, fifty to a page."""
        self._check(request)
        form = NestedFilterForm(request.GET or None)
        quick = request.GET.get("quick", "")
        context = self._context(request, capfirst(str(self.opts.verbose_name_plural)))
        context |= {"form": form, "quick": quick, "quick_filter": self.quick_filter}
        context["headings"] = [column.replace("_", " ") for column in self.columns]
        try:
            conditions = form.conditions() + self._readable(request)
            if quick and self.quick_filter:
                conditions.append(Condition(self.quick_filter, "eq", quick))
            older = request.GET.get("older", "")
            page = document_page(self.collection, fields=self.columns, conditions=conditions, older=older)
            context |= {"rows": page.rows, "older": page.older, "is_first": not older}
        except (BadInputError, StoreUnavailableError) as error:
            context["trouble"] = str(error)
        return TemplateResponse(request, "admin/registry/document_list.html", context)

    def document_view(self, request: HttpRequest, document_id: str) -> TemplateResponse:
        """One document as a tree."""
        self._check(request)
        context = self._context(request, document_id)
        try:
            context["tree"] = tree(self._document(request, document_id))
        except StoreUnavailableError as error:
            context["trouble"] = str(error)
        context["document_id"] = document_id
        return TemplateResponse(request, "admin/registry/document.html", context)

    def json_view(self, request: HttpRequest, document_id: str) -> HttpResponse:
        """One document as a file."""
        self._check(request)
        try:
            body = orjson.dumps(as_json(self._document(request, document_id)), option=orjson.OPT_INDENT_2)
        except RegistryError as error:
            return HttpResponse(str(error), status=503, content_type="text/plain")
        response = HttpResponse(body, content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="{self.collection}-{document_id[:40]}.json"'
        return response

    def _document(self, request: HttpRequest, document_id: str) -> dict[str, Any]:
        user = acting_user(request)
        try:
            found = document(self.collection, document_id)
            if self.experiment_field and not user.is_superuser:
                experiment_with_id(user, str(found.get(self.experiment_field, "")))
        except NotFoundError as error:
            raise Http404(f"There is no document {document_id!r} in {self.collection}.") from error
        return found

    def _readable(self, request: HttpRequest) -> list[Condition]:
        """Nothing where every experiment may be read, else those that may."""
        user = acting_user(request)
        visible = visible_to(user, experiment="pk")
        if not self.experiment_field or user.is_superuser or not Experiment.objects.exclude(visible).exists():
            return []
        ids = list(Experiment.objects.filter(visible).values_list("experiment_id", flat=True))
        return [Condition(self.experiment_field, "in", ids or ["none"])]

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        name = f"admin:registry_{self.opts.model_name}"
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "list_url": f"{name}_changelist",
            "document_url": f"{name}_change",
            "json_url": f"{name}_json",
        }


@admin.register(ModelConfigDocument)
class ModelConfigDocumentAdmin(DocumentAdmin):
    collection = "model_configs"
    columns = ("name", "framework", "model_type", "tags", "created_at")
    quick_filter = "framework"


@admin.register(ExperimentDocument)
class ExperimentDocumentAdmin(DocumentAdmin):
    collection = "experiments"
    experiment_field = "_id"
    columns = ("name", "description", "created_at")
    quick_filter = "name"


@admin.register(RunDocument)
class RunDocumentAdmin(DocumentAdmin):
    collection = "runs"
    experiment_field = "experiment_id"
    columns = ("name", "status", "framework", "model_name", "started_at")
    quick_filter = "framework"


@admin.register(CustomerDocument)
class CustomerDocumentAdmin(DocumentAdmin):
    collection = "customers"
    columns = ("customer_id", "name", "email", "joined_at")
    quick_filter = "customer_id"


@admin.register(EventDocument)
class EventDocumentAdmin(DocumentAdmin):
    collection = "events"
    columns = ("kind", "country", "count", "at", "until")
    quick_filter = "kind"
