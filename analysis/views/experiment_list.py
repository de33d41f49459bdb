"""The experiments' table."""

from django import forms
from django.http import HttpRequest, QueryDict
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.experiments.figures import COUNT_UP_TO, LATEST
from analysis.queries.experiments.table import (
    PAGE_SIZE,
    ExperimentFilter,
    ExperimentPage,
    experiment_page,
)
from analysis.viewer import viewer_of
from registry.exceptions import BadInputError

DEFAULTS = {"q": "", "view": "active", "sort": "newest"}


class ExperimentFilterForm(forms.Form):
    """What people fill in; the address keeps it."""

    q = forms.CharField(label="Name or filter", max_length=1_000, required=False)
    view = forms.ChoiceField(
        label="Show", choices=[("active", "In use"), ("archived", "Archived"), ("all", "All")]
    )
    sort = forms.ChoiceField(
        label="Order",
        choices=[("newest", "Newest first"), ("changed", "Changed last"), ("name", "By name")],
    )

    def __init__(self, data: QueryDict) -> None:
        filled = {name: data.get(name, "") or default for name, default in DEFAULTS.items()}
        super().__init__(filled, label_suffix="")
        self.fields["q"].widget.attrs["placeholder"] = "churn, or tags.team = 'risk' AND name LIKE 'c%'"

    @property
    def is_filtering(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.data["q"]) or self.data["view"] != DEFAULTS["view"]


@require_safe
def experiment_list(request: HttpRequest) -> TemplateResponse:
    """``/experiments/``: filter by name or the filter language; keyset pages."""
    viewer, form, cursor = (
        viewer_of(request),
        ExperimentFilterForm(request.GET),
        request.GET.get("cursor", ""),
    )
    page: ExperimentPage | None = None
    if form.is_valid():
        cleaned = form.cleaned_data
        wanted = ExperimentFilter(text=cleaned["q"], view=cleaned["view"], sort=cleaned["sort"])
        try:
            page = experiment_page(wanted, viewer=viewer, cursor=cursor)
        except BadInputError as error:
            form.add_error("q", str(error))
    context = {
        "form": form,
        "page": page,
        "is_first": not cursor,
        "page_size": PAGE_SIZE,
        "count_up_to": COUNT_UP_TO,
        "latest": LATEST,
    }
    return TemplateResponse(request, "analysis/experiment_list.html", context, status=200 if page else 400)
