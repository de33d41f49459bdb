"""The page of one run."""

from django import forms
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.views.decorators.http import require_GET, require_safe

from analysis.live.answer import live_answer
from analysis.live.run_drawing import Look
from analysis.live.run_feed import RunFeed, run_scene
from analysis.queries import run_detail as queries
from analysis.viewer import viewer_of
from registry.exceptions import NotFoundError

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
    scene = run_scene(detail.record, _look(form))
    context = {"detail": detail, "run": detail.record.run, "form": form, "scene": scene}
    return TemplateResponse(request, "analysis/run_detail.html", context)


@require_GET
def run_live(request: HttpRequest, run_id: str) -> HttpResponseBase:
    """``/runs/<run_id>/live``: the same page's parts as they change, as server-sent events."""
    feed = RunFeed(run_id, _look(CurveForm(_curve_fields(request.GET) or DEFAULT_LOOK)))
    if not feed.is_open_to(viewer_of(request)):
        raise Http404(f"There is no run with id {run_id!r}.")
    return live_answer(request, feed)


def _look(form: CurveForm) -> Look:
    look = form.cleaned_data if form.is_valid() else {}
    return Look(
        by_time=look.get("x") == "time",
        y_log=look.get("y") == "log",
        smoothing=float(look.get("smooth") or 0),
    )


def _curve_fields(query: QueryDict) -> dict[str, str]:
    return {name: str(query[name]) for name in DEFAULT_LOOK if name in query}
