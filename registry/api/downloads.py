"""Sending an artifact: always as a download, in a sandbox."""

from pathlib import PurePosixPath

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from registry.artifacts import storage
from registry.exceptions import ArtifactError, NotFoundError
from registry.models import Artifact

SANDBOX = "sandbox; default-src 'none'"
"""A file that people logged may hold HTML or SVG: opened here, it runs and loads nothing."""


def artifact_download(artifact: Artifact) -> StreamingHttpResponse:
    """The file's bytes.

    Raises:
        NotFoundError: the disk does not have it, or not whole.
    """
    try:
        pieces = storage.read(artifact.sha256, size_bytes=artifact.size_bytes)
    except ArtifactError as error:
        raise NotFoundError(str(error)) from error
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
