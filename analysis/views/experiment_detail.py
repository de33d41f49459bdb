"""The page of one experiment, and what can be changed there."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from analysis.queries.experiments.detail import experiment_detail as read_detail
from analysis.queries.run_progress import progress_series
from analysis.queries.run_sample import SAMPLE
from analysis.redirects import see_other
from analysis.viewer import viewer_of
from registry.exceptions import BadInputError, ConflictError, ForbiddenError, NotFoundError
from registry.models import Experiment, ExperimentPermission
from registry.queries.permissions import LIFECYCLE_LEVEL, experiment_with_id
from registry.services.descriptions import describe_experiment
from registry.services.experiments import delete_experiment, restore_experiment

COMPARED = 5
ARCHIVED = "The experiment is archived: it takes no new runs until it is restored. Its runs stay as they are."
RESTORED = "The experiment is in use again."
LIFECYCLE_ACTIONS = {"archive": (delete_experiment, ARCHIVED), "restore": (restore_experiment, RESTORED)}
Level = ExperimentPermission.Level


class DescriptionForm(forms.Form):
    """What is said of an experiment."""

    description = forms.CharField(
        widget=forms.Textarea({"rows": 4}), max_length=50_000, required=False, strip=False
    )


@require_safe
def experiment_detail(request: HttpRequest, experiment_id: str) -> TemplateResponse:
    """``/experiments/<experiment_id>/``: what it is, how it goes, what is best, what differs."""
    try:
        detail = read_detail(experiment_id, viewer=viewer_of(request))
    except NotFoundError as error:
        raise Http404(str(error)) from error
    context = {
        "detail": detail,
        "experiment": detail.experiment,
        "figures": detail.figures,
        "progress": progress_series(detail.progress),
        "compared": [run.run_id for run in detail.best[:COMPARED]],
        "form": DescriptionForm({"description": detail.experiment.description}, label_suffix=""),
        "sample": SAMPLE,
    }
    return TemplateResponse(request, "analysis/experiment_detail.html", context)


@require_POST
def experiment_description(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """``POST /experiments/<experiment_id>/description/``: say something else of it."""
    experiment = _experiment(request, experiment_id, Level.EDIT)
    form = DescriptionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "A description has at most 50,000 characters, none of them a NUL.")
        return _back(experiment)
    text = form.cleaned_data["description"].replace("\r\n", "\n")
    try:
        describe_experiment(experiment_id=experiment.experiment_id, description=text)
    except (BadInputError, ConflictError) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "The description is saved.")
    return _back(experiment)


@require_POST
def experiment_lifecycle(request: HttpRequest, experiment_id: str) -> HttpResponse:
    """``POST /experiments/<experiment_id>/lifecycle/``: archive it, or restore it."""
    experiment = _experiment(request, experiment_id, LIFECYCLE_LEVEL)
    change, told = LIFECYCLE_ACTIONS.get(request.POST.get("action", ""), (None, ""))
    if change is None:
        messages.error(request, f"Choose what to do with the experiment: {', '.join(LIFECYCLE_ACTIONS)}.")
        return _back(experiment)
    try:
        change(name=experiment.name)
    except ConflictError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, told)
    return _back(experiment)


def _experiment(request: HttpRequest, experiment_id: str, level: str) -> Experiment:
    """The experiment, where the viewer has this level there."""
    try:
        return experiment_with_id(viewer_of(request), experiment_id, level=level)
    except NotFoundError as error:
        raise Http404(str(error)) from error
    except ForbiddenError as error:
        raise PermissionDenied(str(error)) from error


def _back(experiment: Experiment) -> HttpResponse:
    return see_other(reverse("analysis:experiment-detail", args=[experiment.experiment_id]))
