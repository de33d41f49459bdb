"""What goes from store to store, and in and out of the platform."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.moves.import_report import import_detail
from analysis.queries.moves.imports import PAGE_SIZE
from analysis.queries.moves.page import moves_page
from analysis.queries.moves.permissions import move_rights
from analysis.viewer import viewer_of
from registry.exceptions import NotFoundError


@require_safe
def store_moves(request: HttpRequest) -> TemplateResponse:
    """``/stores/moves/``: change capture, dual write, backfills, imports, archives."""
    cursor = request.GET.get("cursor", "")
    context = {
        "page": moves_page(viewer_of(request), cursor=cursor),
        "is_first": not cursor,
        "page_size": PAGE_SIZE,
    }
    return TemplateResponse(request, "analysis/store_moves.html", context)


@require_safe
def store_move_import(request: HttpRequest, pk: int) -> TemplateResponse:
    """``/stores/moves/imports/<id>/``: one import, for staff who may view imports."""
    viewer = viewer_of(request)
    if not move_rights(viewer).imports:
        raise PermissionDenied
    try:
        found = import_detail(pk, viewer=viewer)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    return TemplateResponse(request, "analysis/store_move_import.html", {"found": found})
