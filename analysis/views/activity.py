"""The page of what happens."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_safe

from analysis.live.activity_feed import ActivityFeed, activity_scene
from analysis.live.answer import live_answer
from analysis.queries.activity.page import activity_page
from analysis.queries.customers.permissions import sees_customers
from analysis.viewer import viewer_of


@require_safe
def activity(request: HttpRequest) -> TemplateResponse:
    """``/activity/``: events, alerts, rankings, segments, queues, onboarding."""
    page = activity_page(with_customers=sees_customers(viewer_of(request)))
    return TemplateResponse(request, "analysis/activity.html", {"scene": activity_scene(page)})


@require_GET
def activity_live(request: HttpRequest) -> HttpResponseBase:
    """``/activity/live``: the same as it changes, as server-sent events."""
    return live_answer(request, ActivityFeed(sees_customers(viewer_of(request))))
