"""Reading a file from a request, piece by piece, exactly as long as it said it would be."""

import io
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from registry.exceptions import BadInputError

from .errors import RequestTooLargeError, UnsupportedMediaError


def uploaded_file(request: HttpRequest, *, takes_chunks: bool = False) -> BinaryIO:
    """The request's body as an open file.

    Args:
        takes_chunks: whether its length may be left open, as clients that stream do
            (``Transfer-Encoding: chunked``); it is counted then.

    Raises:
        BadInputError: its length is not announced; or, while it is read, it ended before it.
        RequestTooLargeError: it passes ``ARTIFACT_MAX_MB``; perhaps found out while it is read.
        UnsupportedMediaError: it is compressed on the way.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaError("Send the file without Content-Encoding.")
    if takes_chunks and _is_chunked(request):
        return cast("BinaryIO", _CountedUpload(request))
    return cast("BinaryIO", _ExactUpload(request))


class _ExactUpload(io.RawIOBase):
    """A client that breaks off must leave nothing behind, least of all half a file."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._left = _announced(request)

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        try:
            piece: bytes = self._request.read(self._left if size < 0 else min(size, self._left))
        except UnreadablePostError as error:
            raise _broken_off() from error
        if not piece and self._left:
            raise _broken_off()
        self._left -= len(piece)
        return piece


class _CountedUpload(io.RawIOBase):
    """A body in chunks: the server knows where it ends, and tells when it breaks off."""

    def __init__(self, request: HttpRequest) -> None:
        # Django reads no further than Content-Length, which such a body has not.
        self._stream: Any = request.META["wsgi.input"]
        self._left = _most()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at the end."""
        try:
            piece: bytes = self._stream.read(self._left + 1 if size < 0 else size)
        except Exception as error:  # each server has its own for a body that is cut off or garbled
            raise _broken_off() from error
        self._left -= len(piece)
        if self._left < 0:
            raise _too_large("more")
        return piece


def _is_chunked(request: HttpRequest) -> bool:
    is_said = request.headers.get("Transfer-Encoding", "").lower() == "chunked"
    return is_said and bool(request.META.get("wsgi.input_terminated"))


def _announced(request: HttpRequest) -> int:
    text = request.headers.get("Content-Length", "")
    if not text.isascii() or not text.isdecimal():
        raise BadInputError("Say how long the file is: send Content-Length.")
    length = int(text[:20])
    if length > _most():
        raise _too_large(f"{length:,} bytes")
    return length


def _most() -> int:
    most: int = settings.ARTIFACT_MAX_MB * 1024**2
    return most


def _too_large(size: str) -> RequestTooLargeError:
    return RequestTooLargeError(
        f"The file has {size}; one may have {_most():,} bytes. The operator sets ARTIFACT_MAX_MB."
    )


def _broken_off() -> BadInputError:
    return BadInputError("The file ended before its announced length; nothing was stored. Send it again.")
