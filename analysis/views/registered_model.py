"""The page of a registered model."""

from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.charts.version_chart import VersionPoint
from analysis.model_addresses import version_address
from analysis.queries.model_registry.registered_model import ModelPage, model_page
from analysis.viewer import viewer_of
from registry.enums import ModelStage
from registry.exceptions import NotFoundError

MOST_DIGITS = 10


@require_safe
def registered_model(request: HttpRequest, name: str) -> TemplateResponse:
    """``/models/<name>/?metric=f1&before=12``: versions, what is live where, aliases, history."""
    return model_answer(request, name)


def model_answer(
    request: HttpRequest, name: str, *, problem: str = "", status: int = 200
) -> TemplateResponse:
    """The model's page, perhaps with why a change of it was refused.

    Raises:
        Http404: there is no such model.
    """
    asked = request.GET
    before = asked.get("before", "")
    is_number = before.isascii() and before.isdecimal() and len(before) <= MOST_DIGITS
    try:
        page = model_page(
            name,
            viewer=viewer_of(request),
            metric=asked.get("metric", ""),
            before=int(before) if is_number else None,
        )
    except NotFoundError as error:
        raise Http404(str(error)) from error
    context = {
        "page": page,
        "about": page.about,
        "points": points_of(page),
        "stages": ModelStage.values,
        "problem": problem,
        "is_newest": not is_number,
    }
    return TemplateResponse(request, "analysis/registered_model.html", context, status=status)


def points_of(page: ModelPage) -> list[VersionPoint]:
    """The versions on the chart, oldest first."""
    main = page.scoring.main
    return [
        VersionPoint(
            number=each.number,
            value=each.scores[main.key],
            address=version_address(page.about.name, each.number),
            live=tuple(each.live),
            is_best=each.number == main.best,
        )
        for each in reversed(page.versions)
        if main is not None and main.key in each.scores
    ]
