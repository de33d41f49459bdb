"""The leaderboards' page."""

from urllib.parse import urlencode

from django import forms
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_safe

from analysis.live.answer import live_answer
from analysis.live.board_feed import BoardFeed, board_scene
from analysis.viewer import viewer_of
from features.board_metrics import board_metric
from features.queries.board_choices import BoardChoices, board_choices
from features.queries.boards import LIMIT, board
from registry.exceptions import NotFoundError


class BoardForm(forms.Form):
    """Which board; the address keeps it."""

    dataset = forms.ChoiceField(label="Data set")
    metric = forms.ChoiceField()

    def __init__(self, choices: BoardChoices) -> None:
        super().__init__({"dataset": choices.dataset, "metric": choices.metric}, label_suffix="")
        for name, chosen, known in (
            ("dataset", choices.dataset, choices.datasets),
            ("metric", choices.metric, choices.metrics),
        ):
            names = known if chosen in known else [chosen, *known]
            self.fields[name].choices = [(each, each) for each in names]  # type: ignore[attr-defined]


@require_safe
def leaderboard(request: HttpRequest) -> TemplateResponse:
    """``/leaderboards/``: the best runs of a data set by a metric."""
    viewer, choices = viewer_of(request), _choices(request)
    try:
        found = board(dataset=choices.dataset, metric=choices.metric, viewer=viewer)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    scene = board_scene(found) if choices.datasets or choices.dataset else None
    which = urlencode({"dataset": choices.dataset, "metric": choices.metric})
    context = {
        "board": found,
        "choices": choices,
        "form": BoardForm(choices),
        "limit": LIMIT,
        "scene": scene,
        "live_url": f"{reverse('analysis:leaderboard-live')}?{which}",
    }
    return TemplateResponse(request, "analysis/leaderboard.html", context)


@require_GET
def leaderboard_live(request: HttpRequest) -> HttpResponseBase:
    """``/leaderboards/live``: the same board as places change, as server-sent events."""
    choices = _choices(request)
    try:
        board_metric(choices.metric)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    return live_answer(request, BoardFeed(choices.dataset, choices.metric, viewer_of(request).pk))


def _choices(request: HttpRequest) -> BoardChoices:
    asked = {name: request.GET.get(name, "").replace("\x00", "") for name in ("dataset", "metric")}
    return board_choices(viewer_of(request), **asked)
