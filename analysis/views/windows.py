"""The page of windows of arrays."""

from django import forms
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.window_view import MOST_LENGTH, window_view
from features.services.windows import window_datasets
from registry.exceptions import BadInputError, NotFoundError

MOST_START = 2**53


class WindowForm(forms.Form):
    """Which window; the address keeps it."""

    dataset = forms.ChoiceField(label="Data set", required=False)
    series = forms.CharField(label="Series", max_length=200, required=False)
    start = forms.IntegerField(label="From value", min_value=0, max_value=MOST_START, required=False)
    length = forms.IntegerField(label="Values", min_value=1, max_value=MOST_LENGTH, required=False)


@require_safe
def windows(request: HttpRequest) -> TemplateResponse:
    """``/windows/``: one window of a data set that is an HDF5 file, drawn, with what reading it took."""
    names = [dataset.name for dataset in window_datasets()]
    form = WindowForm(request.GET or {"dataset": next(iter(names), "")}, label_suffix="")
    form.fields["dataset"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
    context: dict[str, object] = {"form": form, "names": names}
    if names and form.is_valid():
        asked = form.cleaned_data
        try:
            context["window"] = window_view(
                asked["dataset"] or names[0],
                series=asked["series"],
                start=asked["start"] or 0,
                length=asked["length"] or 0,
            )
        except BadInputError as error:
            form.add_error(None, str(error))
        except NotFoundError as error:
            raise Http404(str(error)) from error
        context["dataset"] = asked["dataset"] or names[0]
    status = 400 if form.errors else 200
    return TemplateResponse(request, "analysis/windows.html", context, status=status)
