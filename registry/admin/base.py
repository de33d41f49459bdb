"""What all lists of the record share: no counts, no sorts, no edits of history."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import ShowFacets
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.forms import SplitDateTimeField
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from registry.queries.permissions import visible_to

from .keyset import KeysetChangeList
from .named_fields import NamedDateTime, TabularInline

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:  # Django's classes take no parameters when the site runs
    ModelAdmin = admin.ModelAdmin

__all__ = [
    "HistoryAdmin",
    "KeptAdmin",
    "KeptInline",
    "ModelAdmin",
    "RecordAdmin",
    "TabularInline",
    "acting_user",
    "chip",
    "joined",
    "link",
    "short_time",
    "table",
]
SHOWN_ROWS = 200
MOST_CHARACTERS = 300


class RecordAdmin(ModelAdmin):
    """A list that stays quick at a million rows."""

    experiment_path = ""
    """The way from a row to its experiment, where only those who may read it see the row."""

    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    sortable_by = ()
    ordering = ("-pk",)
    formfield_overrides = {models.DateTimeField: {"form_class": SplitDateTimeField, "widget": NamedDateTime}}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetChangeList]:
        return KeysetChangeList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        if not self.experiment_path:
            return rows
        return rows.filter(visible_to(acting_user(request), experiment=self.experiment_path))


class KeptAdmin(RecordAdmin):
    """What is made and deleted by the services alone; words about it may change."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class HistoryAdmin(KeptAdmin):
    """What happened is read, not written."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class KeptInline(TabularInline):
    """Rows of what they stand under, made and deleted by the services alone."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def acting_user(request: HttpRequest) -> User:
    """The person at work; the admin lets nobody else in."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def chip(state: str, text: str) -> SafeString:
    """A state in words and colour; the classes are those of admin.css."""
    return format_html('<span class="chip chip-{}">{}</span>', state.lower(), text)


def link(text: str, name: str, *arguments: object, query: str = "") -> SafeString:
    """A link to a route, or the bare text where the route does not exist."""
    try:
        url = reverse(name, args=arguments)
    except NoReverseMatch:
        return format_html("{}", text)
    return format_html('<a href="{}{}">{}</a>', url, query, text)


def joined(*places: SafeString) -> SafeString:
    """Links with dots between them."""
    return format_html_join(" · ", "{}", ((place,) for place in places))


def table(rows: Any, *headings: str) -> SafeString:
    """The first two hundred rows under their headings."""
    shown = [tuple(map(_cell, row)) for row in rows[: SHOWN_ROWS + 1]]
    if not shown:
        return format_html("{}", "none")
    head = format_html_join("", '<th scope="col">{}</th>', ((each,) for each in headings))
    cells = [(format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in shown[:SHOWN_ROWS]]
    body = format_html_join("", "<tr>{}</tr>", cells)
    more = f"Only the first {SHOWN_ROWS} are shown." if len(shown) > SHOWN_ROWS else ""
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>{}", head, body, more)


def short_time(moment: dt.datetime | None) -> str:
    """A time as narrow as a column of them should be."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)[:MOST_CHARACTERS]
