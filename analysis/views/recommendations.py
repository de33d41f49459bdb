"""The page of recommendations."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.recommendations import compared, examples, viewer_page
from analysis.viewer import viewer_of
from registry.documents.plain import check_text
from registry.exceptions import BadInputError, NotFoundError

LONGEST = 32


@require_safe
def recommendations(request: HttpRequest) -> TemplateResponse:
    """``/recommendations/?viewer=1``: what one liked, what is recommended, why."""
    viewer_id = request.GET.get("viewer", "").strip()[:LONGEST]
    context: dict[str, object] = {"viewer_id": viewer_id, "examples": examples()}
    status = 200
    if viewer_id:
        try:
            context["found"] = viewer_page(check_text(viewer_id, where="The viewer's id"))
        except (BadInputError, NotFoundError) as error:
            context["problem"], status = str(error), 404
    context["compared"] = compared(viewer_of(request))
    return TemplateResponse(request, "analysis/recommendations.html", context, status=status)
