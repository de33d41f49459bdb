"""Sending an artifact."""

from pathlib import PurePosixPath

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import condition, require_safe

from registry.artifacts import storage
from registry.exceptions import ArtifactError
from registry.models import Artifact

SANDBOX = "sandbox; default-src 'none'"
"""A file that people logged may hold HTML or SVG: opened here, it runs and loads nothing."""


def _etag(_request: HttpRequest, run_id: str, path: str) -> str | None:
    digests = Artifact.objects.filter(run__run_id=run_id, path=path).values_list("sha256", flat=True)
    digest = digests.first()
    return f'"{digest}"' if digest else None


@require_safe
@condition(etag_func=_etag)
def run_artifact(_request: HttpRequest, run_id: str, path: str) -> HttpResponse | StreamingHttpResponse:
    """``/runs/<run_id>/artifacts/<path>``: the file, as a download."""
    artifact = get_object_or_404(Artifact, run__run_id=run_id, path=path)
    try:
        pieces = storage.read(artifact.sha256, size_bytes=artifact.size_bytes)
    except ArtifactError as error:
        raise Http404(str(error)) from error
    filename = PurePosixPath(artifact.path).name
    return StreamingHttpResponse(
        pieces,
        content_type=artifact.media_type,
        headers={
            "Content-Length": str(artifact.size_bytes),
            "Content-Disposition": content_disposition_header(True, filename) or "attachment",
            "Content-Security-Policy": SANDBOX,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-cache",
        },
    )
