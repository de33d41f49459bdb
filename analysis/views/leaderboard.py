"""The leaderboards' page."""

from django import forms
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.viewer import viewer_of
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
    viewer = viewer_of(request)
    asked = {name: request.GET.get(name, "").replace("\x00", "") for name in ("dataset", "metric")}
    choices = board_choices(viewer, **asked)
    try:
        found = board(dataset=choices.dataset, metric=choices.metric, viewer=viewer)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    context = {"board": found, "choices": choices, "form": BoardForm(choices), "limit": LIMIT}
    return TemplateResponse(request, "analysis/leaderboard.html", context)
