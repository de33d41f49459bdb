"""The page of all customers."""

from django import forms
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.customers.page import customers_page
from analysis.queries.customers.table import PAGE_SIZE
from analysis.viewer import viewer_of
from features.models import CustomerScore


class CustomerFilterForm(forms.Form):
    """What people fill in; the address keeps it."""

    q = forms.CharField(label="Name or id", max_length=200, required=False)
    segment = forms.ChoiceField(label="Segment", required=False)
    sort = forms.ChoiceField(
        label="Order",
        choices=[
            ("value", "Most expected value"),
            ("spent", "Most spent so far"),
            ("leaving", "Most likely to leave"),
            ("recent", "Bought last"),
        ],
    )

    def __init__(self, data: QueryDict) -> None:
        chosen = {"q": data.get("q", ""), "segment": data.get("segment", "")}
        super().__init__({**chosen, "sort": data.get("sort") or "value"}, label_suffix="")
        segments = CustomerScore._meta.get_field("segment").choices or ()
        self.fields["segment"].choices = [("", "All"), *segments]  # type: ignore[attr-defined]
        self.fields["q"].widget.attrs["placeholder"] = "00042"


@require_safe
def customer_list(request: HttpRequest) -> TemplateResponse:
    """``/customers/``: segments, what to do, predictions; the list by keyset pages."""
    form, cursor = CustomerFilterForm(request.GET), request.GET.get("cursor", "")
    asked = form.cleaned_data if form.is_valid() else None
    page = customers_page(viewer_of(request), asked=asked, cursor=cursor)
    context = {"form": form, "page": page, "is_first": not cursor, "page_size": PAGE_SIZE}
    status = 400 if asked is None else 200
    return TemplateResponse(request, "analysis/customer_list.html", context, status=status)
