"""The live workers' page."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_safe

from analysis.live.answer import live_answer
from analysis.live.workers_feed import WorkersFeed, workers_scene
from analysis.viewer import viewer_of
from features.queries.workers import workers


@require_safe
def worker_list(request: HttpRequest) -> TemplateResponse:
    """``/workers/``: who trains what, alive or gone."""
    context = {"scene": workers_scene(workers(viewer_of(request)))}
    return TemplateResponse(request, "analysis/workers.html", context)


@require_GET
def workers_live(request: HttpRequest) -> HttpResponseBase:
    """``/workers/live``: the same as it changes, as server-sent events."""
    return live_answer(request, WorkersFeed(viewer_of(request).pk))
