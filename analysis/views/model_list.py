"""The list of registered models."""

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.model_registry.model_list import DEFAULT_SORT, PAGE_SIZE, model_list
from analysis.viewer import viewer_of
from registry.exceptions import BadInputError

LONGEST = 500


@require_safe
def models(request: HttpRequest) -> TemplateResponse:
    """``/models/?q=churn&sort=name``: registered models, by words of their names or by a filter."""
    text = request.GET.get("q", "").replace("\x00", "")[:LONGEST].strip()
    cursor = request.GET.get("cursor", "")
    context: dict[str, object] = {"text": text, "is_first": not cursor, "page_size": PAGE_SIZE}
    status = 200
    try:
        context["page"] = model_list(
            viewer=viewer_of(request), text=text, sort=request.GET.get("sort", DEFAULT_SORT), cursor=cursor
        )
    except BadInputError as error:
        context["problem"], status = str(error), 400
    return TemplateResponse(request, "analysis/model_list.html", context, status=status)
