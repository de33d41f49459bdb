"""One customer's page."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.customers.detail import customer_detail as read_detail
from analysis.queries.customers.permissions import sees_customers
from analysis.viewer import viewer_of
from registry.exceptions import NotFoundError


@require_safe
def customer_detail(request: HttpRequest, customer_id: str) -> TemplateResponse:
    """``/customers/00001/``: what is known; what the models still have to say is promised by looking."""
    if not sees_customers(viewer_of(request)):
        raise PermissionDenied
    try:
        page = read_detail(customer_id)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    response = TemplateResponse(request, "analysis/customer_detail.html", {"page": page})
    response.headers["Cache-Control"] = "private, no-store"
    return response
