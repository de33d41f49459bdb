"""Form fields that say what they are to those who can't see where they stand."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import AdminSplitDateTime
from django.forms import CheckboxInput
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.text import capfirst

if TYPE_CHECKING:
    StockTabularInline = admin.TabularInline[Any, Any]
    InlineFormSet = BaseInlineFormSet[Any, Any, Any]
else:  # Django's classes take no parameters when the site runs
    StockTabularInline = admin.TabularInline
    InlineFormSet = BaseInlineFormSet


class NamedDateTime(AdminSplitDateTime):
    """A date and a time, each with a name of its own: the field's label is for both."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Date", "Time"), strict=True):
            widget.attrs["aria-label"] = name


class NamedDeletion(CheckboxInput):
    """A row's box for deleting it."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__({"aria-label": "Delete this row", **(attrs or {})})


class NamedFormSet(InlineFormSet):
    """Rows whose boxes for deleting have a name."""

    deletion_widget = NamedDeletion


class TabularInline(StockTabularInline):
    """A table whose fields are named by their column; one that is too wide scrolls by keyboard, too."""

    template = "admin/registry/tabular.html"
    formset = NamedFormSet

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and field.widget is not None:
            widget: Any = getattr(field.widget, "widget", field.widget)  # inside the one with the links
            widget.attrs.setdefault("aria-label", capfirst(str(field.label)))
        return field
