"""The points behind the curves of a comparison."""

from hashlib import blake2b

import orjson
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from analysis.charts.chart_data import points_in
from analysis.queries.comparison.page import curves_alone
from analysis.queries.comparison.state import ComparisonState
from analysis.viewer import viewer_of


# Compressed, as pages are not: nothing secret is in it (docs/decisions/0016).
@gzip_page
@require_safe
def comparison_curves(request: HttpRequest) -> HttpResponseBase:
    """``/compare/curves.json``: what the page with the same address draws, thinned and smoothed alike."""
    charts = [
        {"metric": chart.key, "absent": chart.absent, "notes": chart.notes, **points_in(chart.figure)}
        for chart in curves_alone(ComparisonState.of(request.GET), viewer=viewer_of(request))
    ]
    body = orjson.dumps({"charts": charts})
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    response = HttpResponse(body, content_type="application/json", headers=headers)
    return get_conditional_response(request, etag=etag, response=response) or response
