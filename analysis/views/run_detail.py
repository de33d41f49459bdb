"""The page of one run."""

from django import forms
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries import run_detail as queries
from analysis.queries.curve_groups import curve_groups
from analysis.viewer import viewer_of
from registry.exceptions import NotFoundError

MOST_CHARTS = 8
DEFAULT_LOOK = {"x": "step", "y": "linear", "smooth": "0"}


class CurveForm(forms.Form):
    """How the curves are drawn; the address keeps it."""

    x = forms.ChoiceField(label="Across", choices=[("step", "Steps"), ("time", "Time")], required=False)
    y = forms.ChoiceField(label="Up", choices=[("linear", "Linear"), ("log", "Logarithmic")], required=False)
    smooth = forms.ChoiceField(
        label="Smoothing",
        choices=[("0", "None"), ("0.6", "Light"), ("0.9", "Medium"), ("0.97", "Heavy")],
        required=False,
    )


@require_safe
def run_detail(request: HttpRequest, run_id: str) -> TemplateResponse:
    """``/runs/<run_id>/``: header, params, metrics, curves, body, artifacts."""
    try:
        detail = queries.run_detail(run_id, viewer=viewer_of(request))
    except NotFoundError as error:
        raise Http404(str(error)) from error
    form = CurveForm(request.GET or DEFAULT_LOOK, label_suffix="")
    look = form.cleaned_data if form.is_valid() else {}
    by_time = look.get("x") == "time"
    groups = curve_groups(detail.curves, smoothing=float(look.get("smooth") or 0), by_time=by_time)
    context = {
        "detail": detail,
        "run": detail.run,
        "form": form,
        "groups": groups[:MOST_CHARTS],
        "hidden_groups": groups[MOST_CHARTS:],
        "x_kind": "time" if by_time else "step",
        "y_log": look.get("y") == "log",
    }
    return TemplateResponse(request, "analysis/run_detail.html", context)
