"""The datasets' table."""

from django import forms
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.datasets.figures import COUNT_UP_TO, LATEST
from analysis.queries.datasets.table import PAGE_SIZE, dataset_page
from analysis.viewer import viewer_of


class DatasetFilterForm(forms.Form):
    """What people fill in; the address keeps it."""

    q = forms.CharField(label="Name or digest", max_length=500, required=False)
    sort = forms.ChoiceField(
        label="Order",
        choices=[("name", "By name"), ("newest", "Newest first"), ("largest", "Most rows first")],
    )

    def __init__(self, data: QueryDict) -> None:
        super().__init__({"q": data.get("q", ""), "sort": data.get("sort") or "name"}, label_suffix="")
        self.fields["q"].widget.attrs["placeholder"] = "wine"


@require_safe
def dataset_list(request: HttpRequest) -> TemplateResponse:
    """``/datasets/``: search by name or digest; keyset pages."""
    viewer, form, cursor = viewer_of(request), DatasetFilterForm(request.GET), request.GET.get("cursor", "")
    page = None
    if form.is_valid():
        text, sort = form.cleaned_data["q"], form.cleaned_data["sort"]
        page = dataset_page(viewer=viewer, text=text, sort=sort, cursor=cursor)
    context = {
        "form": form,
        "page": page,
        "is_first": not cursor,
        "page_size": PAGE_SIZE,
        "count_up_to": COUNT_UP_TO,
        "latest": LATEST,
    }
    return TemplateResponse(request, "analysis/dataset_list.html", context, status=200 if page else 400)
