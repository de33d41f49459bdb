"""Sending an artifact: always as a download, in a sandbox, whole or a range of its bytes.

A whole file goes from the disk to the network without passing through Python, where the server can
(sendfile).
"""

import re
from collections.abc import Iterator
from io import FileIO
from pathlib import PurePosixPath

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from registry.artifacts import storage
from registry.exceptions import ArtifactError, NotFoundError
from registry.models import Artifact

SANDBOX = "sandbox; default-src 'none'"
"""A file that people logged may hold HTML or SVG: opened here, it runs and loads nothing."""
RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


def artifact_download(artifact: Artifact, request: HttpRequest | None = None) -> StreamingHttpResponse:
    """The file's bytes; of a request with ``Range``, the range that it asks for.

    Ranges that count from the end, several at once, and such that begin behind the end, are answered
    with the whole file, as HTTP allows.

    Raises:
        NotFoundError: the disk does not have it, or not whole.
    """
    try:
        file = storage.opened(artifact.sha256, size_bytes=artifact.size_bytes)
    except ArtifactError as error:
        raise NotFoundError(str(error)) from error
    response: StreamingHttpResponse
    if wanted := request and _wanted(request, artifact):
        pieces = _Pieces(file, wanted)
        response = StreamingHttpResponse(pieces, status=206, content_type=artifact.media_type)
        response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{artifact.size_bytes}"
    else:
        response = FileResponse(file, content_type=artifact.media_type)
        response.block_size = storage.CHUNK_BYTES
    for name, value in _headers(artifact).items():
        response[name] = value
    response["Content-Length"] = str(len(wanted) if wanted else artifact.size_bytes)
    return response


def _headers(artifact: Artifact) -> dict[str, str]:
    filename = PurePosixPath(artifact.path).name
    return {
        "Accept-Ranges": "bytes",
        "ETag": _etag(artifact),
        "Content-Disposition": content_disposition_header(True, filename) or "attachment",
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }


def _wanted(request: HttpRequest, artifact: Artifact) -> range | None:
    found = RANGE.fullmatch(request.headers.get("Range", ""))
    if found is None or request.headers.get("If-Range", _etag(artifact)) != _etag(artifact):
        return None
    last = int(found[2]) if found[2] else artifact.size_bytes - 1
    return range(int(found[1]), min(last + 1, artifact.size_bytes)) or None


def _etag(artifact: Artifact) -> str:
    return f'"{artifact.sha256}"'


class _Pieces:
    """Part of an open file; closed by whoever sends it, even if it was never read."""

    def __init__(self, file: FileIO, wanted: range) -> None:
        file.seek(wanted.start)
        self._file, self._left, self.close = file, len(wanted), file.close

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(min(self._left, storage.CHUNK_BYTES)):
            self._left -= len(piece)
            yield piece
