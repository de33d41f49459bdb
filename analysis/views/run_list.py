"""The runs table."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.exports.tables import FORMATS
from analysis.queries.run_choices import run_choices
from analysis.queries.run_table import MOST_EXPORTED, PAGE_SIZE, RunFilter, run_page
from analysis.viewer import viewer_of
from analysis.views.run_filter import RunFilterForm, address, asked_columns, state_of
from analysis.views.run_picking import (
    column_groups,
    differing_columns,
    examples,
    field_names,
    headings,
    shown_columns,
)
from registry.models import SavedView
from registry.queries.saved_views import saved_views
from registry.queries.search.run_keys import KnownKey, keys_of


@require_safe
def run_list(request: HttpRequest) -> HttpResponseBase:
    """``/runs/``: filter, sort, choose columns; keyset pages. Without any wish: one's default view."""
    viewer = viewer_of(request)
    views = saved_views(viewer)
    default = next((view for view in views if view.is_default and view.query), None)
    if default is not None and not request.GET:
        return HttpResponseRedirect(f"?{default.query}")
    form = RunFilterForm(request.GET, choices=run_choices(viewer))
    context = _state(request, views) | {"form": form}
    if not form.is_valid():
        newest = run_page(RunFilter(viewer)).rows
        context |= _help(keys_of([run.run_id for run in newest]))
        return TemplateResponse(request, "analysis/run_list.html", context, status=400)
    context |= _shown(request, form.run_filter(viewer)) | {"conditions": list(form.conditions())}
    return TemplateResponse(request, "analysis/run_list.html", context)


def _state(request: HttpRequest, views: list[SavedView]) -> dict[str, Any]:
    """What of the page follows from the address alone."""
    state = state_of(request.GET)
    text = state.urlencode()
    return {
        "views": views,
        "current_view": next((view for view in views if view.query == text), None),
        "state": text,
        "hidden_state": [(name, value) for name, values in state.lists() for value in values],
        "is_dense": "dense" in state,
        "density_address": address(request.GET, dense=None if "dense" in state else "1"),
        "formats": list(FORMATS),
        "page_size": PAGE_SIZE,
        "most_exported": MOST_EXPORTED,
        "is_first": not request.GET.get("cursor"),
    }


def _help(keys: list[KnownKey]) -> dict[str, Any]:
    return {"examples": list(examples(keys)), "field_names": field_names(keys)}


def _shown(request: HttpRequest, wanted: RunFilter) -> dict[str, Any]:
    page = run_page(wanted, cursor=request.GET.get("cursor", ""))
    keys = keys_of([run.run_id for run in page.rows])
    differing = differing_columns(page.rows, keys)
    columns = wanted.columns
    return _help(keys) | {
        "page": page,
        "wanted": wanted,
        "rows": [(run, [(column, column.value(run)) for column in columns]) for run in page.rows],
        "headings": headings(page.sorting, columns, request.GET),
        "shown_columns": shown_columns(columns, request.GET),
        "column_groups": column_groups(keys, columns),
        "are_columns_chosen": bool(asked_columns(request.GET)),
        "differing_address": address(request.GET, columns=differing) if differing else "",
        "default_columns_address": address(request.GET, columns=None),
    }
