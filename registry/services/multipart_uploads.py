"""Files that come in parts: each is stored as it comes, and the last request makes them one."""

from collections.abc import Sequence
from typing import BinaryIO

from django.conf import settings

from registry.artifacts import parts
from registry.artifacts.parts import Part
from registry.exceptions import BadInputError, UploadTooLargeError
from registry.models import Artifact, ArtifactOwner

from .artifacts import keep_staged

MAX_PARTS = 10_000


def store_part(*, upload: str, number: int, content: BinaryIO, size_bytes: int) -> Part:
    """Keep a part of an upload; the same number again takes the new content.

    Args:
        size_bytes: how many the part was announced to have.

    Raises:
        UploadTooLargeError: the parts together would pass ``ARTIFACT_MAX_MB``.
        ArtifactError: it could not be stored whole; nothing is left.
    """
    most = settings.ARTIFACT_MAX_MB * 1024**2
    if parts.stored_bytes(upload, except_for=number) + size_bytes > most:
        raise UploadTooLargeError(
            f"The file has more than {most:,} bytes, which one may have. The operator sets ARTIFACT_MAX_MB."
        )
    return parts.store_part(content, upload=upload, number=number)


def complete_upload(
    *, upload: str, owner: ArtifactOwner, path: str, wanted: Sequence[Part], num_parts: int
) -> None:
    """Make the parts a file of the owner; again changes nothing.

    Raises:
        BadInputError: these are not all parts in their order, or one did not come like that.
        NotFoundError, ConflictError: the owner is gone, or the path is taken by a folder.
        ArtifactError: the disk refused, or a part is damaged.
    """
    if [part.number for part in wanted] != list(range(1, num_parts + 1)):
        raise BadInputError(f"Complete the upload with its parts 1 to {num_parts}, each once, in order.")
    if wanted and (done := parts.done_as(upload)):
        if Artifact.objects.of(owner).filter(path=path, sha256=done).exists():
            return
        raise BadInputError("The upload has been completed, and its file replaced since. Begin it again.")
    try:
        staged = parts.join_parts(upload, wanted)
    except FileNotFoundError as error:
        raise BadInputError("Not all parts have come as they are named here. Send them again.") from error
    keep_staged(owner=owner, path=path, staged=staged)
    parts.mark_done(upload, staged.sha256)


def abort_upload(*, upload: str) -> None:
    """Forget the parts; again, or after the end, changes nothing."""
    if not parts.done_as(upload):
        parts.discard_parts(upload)
