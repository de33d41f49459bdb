"""The page of one dataset."""

from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from analysis.queries.datasets.detail import dataset_detail as read_detail
from analysis.queries.run_progress import progress_series
from analysis.queries.run_sample import SAMPLE
from analysis.viewer import viewer_of
from analysis.views.dataset_lineage import lineage_drawing
from registry.exceptions import NotFoundError

LATEST_RUNS = 10


@require_safe
def dataset_detail(request: HttpRequest, name: str) -> TemplateResponse:
    """``/datasets/<name>/``: what it is, how training on it goes, where it comes from and leads to."""
    try:
        detail = read_detail(name, viewer=viewer_of(request))
    except NotFoundError as error:
        raise Http404(str(error)) from error
    context = {
        "detail": detail,
        "dataset": detail.dataset,
        "progress": progress_series(detail.progress),
        "latest_runs": detail.runs[:LATEST_RUNS],
        "lineage": detail.lineage,
        "drawing": lineage_drawing(detail.dataset, detail.lineage),
        "sample": SAMPLE,
    }
    return TemplateResponse(request, "analysis/dataset_detail.html", context)
