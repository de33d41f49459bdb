"""Runs side by side."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.exports.tables import FORMATS, table_response
from analysis.queries.comparison.curve_controls import curve_controls
from analysis.queries.comparison.export import comparison_table
from analysis.queries.comparison.page import comparison, curve_charts, plots, to_add
from analysis.queries.comparison.state import SHOWS, ComparisonState
from analysis.viewer import viewer_of


@require_safe
def run_comparison(request: HttpRequest) -> HttpResponseBase:
    """``/compare/``: runs side by side, as the address says; ``format=csv|json|parquet`` as a file."""
    viewer, state = viewer_of(request), ComparisonState.of(request.GET)
    found = comparison(state, viewer=viewer)
    wanted = request.GET.get("format", "")
    if wanted in FORMATS:
        if not found:
            raise Http404("No run that you may read has such an id.")
        return table_response(comparison_table(found), format=wanted, filename="comparison")
    context = {
        "state": found.state if found else state,
        "found": found,
        "unknown": found.unknown if found else [*state.malformed, *state.run_ids],
        "wrong_format": wanted if wanted not in FORMATS else "",
        "suggestions": to_add(state, found.runs if found else [], viewer=viewer),
        "formats": list(FORMATS),
        "shows": SHOWS,
        "charts": curve_charts(found) if found else [],
        "controls": curve_controls(found.state) if found else [],
        "plots": plots(found) if found else None,
        "permalink": request.build_absolute_uri(),
    }
    return TemplateResponse(request, "analysis/run_comparison.html", context)
