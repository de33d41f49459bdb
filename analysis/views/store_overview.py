"""The front page."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.moves.page import moves_line
from analysis.queries.store_overview import record_figures, store_cards
from analysis.queries.traffic import traffic
from analysis.viewer import viewer_of
from features.queries.cache_statistics import cache_statistics


@require_safe
def store_overview(request: HttpRequest) -> TemplateResponse:
    """``/``: what is where, and how each store does."""
    viewer = viewer_of(request)
    context = {
        "cards": store_cards(),
        "caches": cache_statistics(),
        "figures": record_figures(viewer),
        "traffic": traffic(),
        "moves": moves_line(viewer),
    }
    return TemplateResponse(request, "analysis/store_overview.html", context)
