"""Sending an artifact."""

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.http import condition, require_safe

from analysis.viewer import viewer_of
from registry.api.downloads import artifact_download
from registry.exceptions import NotFoundError
from registry.models import Artifact
from registry.queries.permissions import visible_to


def _found(request: HttpRequest, run_id: str, path: str) -> Artifact | None:
    allowed = Artifact.objects.filter(visible_to(viewer_of(request), experiment="run__experiment"))
    return allowed.filter(run__run_id=run_id, path=path).first()


def _etag(request: HttpRequest, run_id: str, path: str) -> str | None:
    artifact = _found(request, run_id, path)
    return f'"{artifact.sha256}"' if artifact else None


@require_safe
@condition(etag_func=_etag)
def run_artifact(request: HttpRequest, run_id: str, path: str) -> HttpResponse | StreamingHttpResponse:
    """``/runs/<run_id>/artifacts/<path>``: the file, as a download."""
    artifact = _found(request, run_id, path)
    if artifact is None:
        raise Http404("There is no such file.")
    try:
        return artifact_download(artifact)
    except NotFoundError as error:
        raise Http404(str(error)) from error
