"""Reading a file from a request, piece by piece, exactly as long as it said it would be."""

import io
from typing import BinaryIO, cast

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError

from registry.exceptions import BadInputError

from .errors import RequestTooLargeError, UnsupportedMediaError


def uploaded_file(request: HttpRequest) -> BinaryIO:
    """The request's body as an open file.

    Raises:
        BadInputError: its length is not announced; or, while it is read, it ended before it.
        RequestTooLargeError: it passes ``ARTIFACT_MAX_MB``.
        UnsupportedMediaError: it is compressed on the way.
    """
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


def _announced(request: HttpRequest) -> int:
    text = request.headers.get("Content-Length", "")
    if not text.isascii() or not text.isdecimal():
        raise BadInputError("Say how long the file is: send Content-Length.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaError("Send the file without Content-Encoding.")
    length, most = int(text[:20]), settings.ARTIFACT_MAX_MB * 1024**2
    if length > most:
        raise RequestTooLargeError(
            f"The file has {length:,} bytes; one may have {most:,}. The operator sets ARTIFACT_MAX_MB."
        )
    return length


def _broken_off() -> BadInputError:
    return BadInputError("The file ended before its announced length; nothing was stored. Send it again.")
