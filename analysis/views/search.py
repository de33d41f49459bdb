"""Search everywhere."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from analysis.queries.search.asked import asked
from analysis.queries.search.everywhere import search_everything
from analysis.queries.search.found import SHOWN, Group, Hit
from analysis.viewer import viewer_of

TITLES = {
    "run": "Runs",
    "experiment": "Experiments",
    "dataset": "Datasets",
    "model": "Registered models",
    "alias": "Aliases",
    "deployment": "Live deployments",
    "view": "Feature views",
    "customer": "Customers",
}
LISTS = {
    "run": "analysis:run-list",
    "experiment": "analysis:experiment-list",
    "dataset": "analysis:dataset-list",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A hit with its address, empty where it has no page."""

    hit: Hit
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """Hits of one kind; ``more_url`` leads to a list of all of them, where there is one."""

    kind: str
    title: str
    lines: list[Line]
    has_more: bool
    more_url: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """``/search/?q=…``: everything the viewer may know of; the whole id of something leads to its page."""
    typed = asked(request.GET.get("q", ""))
    found = search_everything(typed, viewer=viewer_of(request))
    if found.exact is not None:
        return redirect(_url(found.exact))
    as_filter = f"{reverse('analysis:run-list')}?{urlencode({'filter': typed.text})}"
    context = {
        "asked": typed,
        "sections": [_section(group, typed.text) for group in found.groups],
        "filter_url": as_filter if found.is_filter else "",
        "shown": SHOWN,
    }
    return TemplateResponse(request, "analysis/search.html", context)


def _section(group: Group, text: str) -> Section:
    route = LISTS.get(group.kind)
    more_url = f"{reverse(route)}?{urlencode({'q': text})}" if route else ""
    lines = [Line(hit, _url(hit)) for hit in group.hits]
    return Section(group.kind, TITLES[group.kind], lines, group.has_more, more_url)


def _url(hit: Hit) -> str:
    try:
        return _address(hit)
    except NoReverseMatch:
        # A registered model's name may hold what no address of its page can.
        return ""


def _address(hit: Hit) -> str:
    name, *arguments = {
        "run": ("analysis:run-detail", hit.key),
        "experiment": ("analysis:experiment-detail", hit.key),
        "dataset": ("analysis:dataset-detail", hit.key),
        "customer": ("admin:features_customer_change", hit.key),
        "view": ("analysis:feature-lookup",),
    }.get(hit.kind, ("analysis:registered-model", hit.key))
    return reverse(name, args=arguments)
